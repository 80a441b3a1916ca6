# Compiler flags, ccache and mold: everything about how we compile that is not about what we compile.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug)
endif()

find_program(BB_CCACHE ccache)
if(BB_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BB_CCACHE})
endif()
find_program(BB_MOLD mold)
if(BB_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -g1 keeps function names and lines for stack traces at half the build time and size of -g.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
                    -Wnon-virtual-dtor -Woverloaded-virtual -Werror=return-type)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # GCC 12 reports these falsely in optimised code of Boost and std::string.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-mismatched-new-delete
                      -Wno-dangling-pointer -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Clang reports comparisons of libstdc++ 12's std::expected, whose operators are as C++23 has them,
  # and what its algorithms use that the standard has deprecated since.
  add_compile_options(-Wno-ambiguous-reversed-operator -Wno-deprecated-declarations)
endif()
if(BB_WERROR)
  add_compile_options(-Werror)
endif()

add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                        BOOST_ASIO_NO_DEPRECATED)
include_directories(${PROJECT_SOURCE_DIR}/src)

if(BB_SANITIZE)
  add_compile_options(-fsanitize=${BB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BB_SANITIZE})
endif()
if(BB_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
