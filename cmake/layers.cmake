# bb_layer(FOLDER LINKS ...): src/FOLDER/**.cpp becomes the library bb_NAME, and its *.test.cpp, which
# stand beside the code, the executable NAME_tests. Folders are globbed so that a new file needs no edit here.

# The main function of every test executable: doctest's implementation is slow to compile, so once for all.
add_library(bb_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/doctest_main.cpp)
target_link_libraries(bb_test_main PUBLIC doctest::doctest)

# Registers every test case of TARGET with ctest under PREFIX. Tests of recorded data say that they are
# skipped where it is absent. SPEC chooses among them.
function(bb_register_tests TARGET PREFIX)
  cmake_parse_arguments(ARG "" "" "SPEC;PROPERTIES" ${ARGN})
  doctest_discover_tests(${TARGET} TEST_PREFIX "${PREFIX}: " ADD_LABELS 0 TEST_SPEC ${ARG_SPEC}
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 240
                         SKIP_REGULAR_EXPRESSION "skipped: BB_CORPUS" ${ARG_PROPERTIES})
endfunction()

function(bb_layer FOLDER)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  get_filename_component(NAME ${FOLDER} NAME)
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${FOLDER}/*.cpp)
  set(TESTS ${SOURCES})
  list(FILTER SOURCES EXCLUDE REGEX "\\.test\\.cpp$")
  list(FILTER TESTS INCLUDE REGEX "\\.test\\.cpp$")

  set(LIBRARIES)
  foreach(LINK IN LISTS ARG_LINKS)
    get_filename_component(LINK_NAME ${LINK} NAME)
    if(TARGET bb_${LINK_NAME})
      list(APPEND LIBRARIES bb_${LINK_NAME})
    else()
      list(APPEND LIBRARIES ${LINK})
    endif()
  endforeach()

  if(SOURCES)
    add_library(bb_${NAME} STATIC ${SOURCES})
    target_link_libraries(bb_${NAME} PUBLIC ${LIBRARIES})
  else()
    add_library(bb_${NAME} INTERFACE)
    target_link_libraries(bb_${NAME} INTERFACE ${LIBRARIES})
  endif()
  if(TESTS)
    add_executable(${NAME}_tests ${TESTS})
    target_link_libraries(${NAME}_tests PRIVATE bb_${NAME} bb_test_main)
    target_include_directories(${NAME}_tests PRIVATE ${PROJECT_SOURCE_DIR})
    bb_register_tests(${NAME}_tests ${NAME})
  endif()
endfunction()
