# Every src/**/migrations/NNNN_name.sql becomes a row of storage::migrations(), ordered by number.
# The numbers are one sequence over all folders, so that the order of application is plain to see.
file(GLOB_RECURSE BB_MIGRATION_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.sql)
list(FILTER BB_MIGRATION_FILES INCLUDE REGEX "/migrations/")

set(BB_MIGRATION_ROWS "")
foreach(FILE IN LISTS BB_MIGRATION_FILES)
  get_filename_component(STEM ${FILE} NAME_WE)
  if(NOT STEM MATCHES "^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$")
    message(FATAL_ERROR "${FILE}: a migration is named NNNN_name.sql")
  endif()
  string(SUBSTRING ${STEM} 0 4 NUMBER)
  if(DEFINED BB_MIGRATION_${NUMBER})
    message(FATAL_ERROR "${FILE}: number ${NUMBER} is taken by ${BB_MIGRATION_${NUMBER}}")
  endif()
  set(BB_MIGRATION_${NUMBER} ${FILE})
  list(APPEND BB_MIGRATION_NUMBERS ${NUMBER})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FILE})
endforeach()
list(SORT BB_MIGRATION_NUMBERS)
foreach(NUMBER IN LISTS BB_MIGRATION_NUMBERS)
  get_filename_component(STEM ${BB_MIGRATION_${NUMBER}} NAME_WE)
  file(READ ${BB_MIGRATION_${NUMBER}} SQL)
  string(REGEX REPLACE "^0*([0-9])" "\\1" VERSION ${NUMBER})
  string(APPEND BB_MIGRATION_ROWS "    {${VERSION}, \"${STEM}\", R\"sql(${SQL})sql\"},\n")
endforeach()

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/migrations.cpp CONTENT
"#include \"storage/migrations.hpp\"

namespace bb::storage {

std::span<const Migration> migrations() {
  static constexpr Migration rows[] = {
@BB_MIGRATION_ROWS@  };
  return rows;
}

}  // namespace bb::storage
" @ONLY)
