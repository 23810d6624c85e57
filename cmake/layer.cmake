# SPDX-License-Identifier: Apache-2.0
# tb_layer(NAME [FOLDER dir] SOURCES file... [USES layer...] [LIBRARIES target...])
#
# One layer of the house: an object library tb_NAME, and a test program for each NAME_test.c beside its sources.
# USES names every layer whose headers its files may include; a line of build/layers.txt tells it to tests/tree/layers.
# LIBRARIES are libraries from outside. A program takes a layer with all below it by tb_link(TARGET layer...).
include_guard()

set(TB_GENERATED ${CMAKE_BINARY_DIR}/generated)
file(WRITE ${CMAKE_BINARY_DIR}/layers.txt "")

function(tb_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SOURCES;USES;LIBRARIES")
  add_library(tb_${name} OBJECT ${layer_SOURCES})
  target_include_directories(tb_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${TB_GENERATED})
  target_compile_options(tb_${name} PRIVATE ${TB_WARNINGS})
  target_link_libraries(tb_${name} PUBLIC ${layer_LIBRARIES})
  set_target_properties(tb_${name} PROPERTIES TB_USES "${layer_USES}")
  add_dependencies(tb_${name} tb_generated)
  string(REPLACE ";" " " uses "${layer_USES}")
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
  file(APPEND ${CMAKE_BINARY_DIR}/layers.txt "${name} ${folder}: ${uses}\n")
  foreach(below ${layer_USES})
    target_link_libraries(tb_${name} PUBLIC tb_${below})
  endforeach()
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.c)
  foreach(test ${tests})
    tb_unit_test(${test} ${name})
  endforeach()
endfunction()

# Every layer at or below those named.
function(tb_closure out)
  set(all)
  set(todo ${ARGN})
  while(todo)
    list(POP_FRONT todo name)
    if(NOT name IN_LIST all)
      list(APPEND all ${name})
      get_target_property(uses tb_${name} TB_USES)
      list(APPEND todo ${uses})
    endif()
  endwhile()
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# Links the layers named and all below them into a program.
function(tb_link target)
  tb_closure(layers ${ARGN})
  foreach(layer ${layers})
    target_link_libraries(${target} PRIVATE tb_${layer})
  endforeach()
endfunction()

# tb_unit_test(file.c layer...): a cmocka program, run by ctest under its file's name.
function(tb_unit_test source)
  get_filename_component(name ${source} NAME_WE)
  if(NOT TARGET ${name})
    add_executable(${name} ${source})
    target_compile_options(${name} PRIVATE ${TB_WARNINGS})
    target_link_libraries(${name} PRIVATE PkgConfig::cmocka)
    tb_link(${name} ${ARGN})
    add_test(NAME unit.${name} COMMAND ${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 120
      SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  endif()
endfunction()

# tb_generate(WHAT path): build/generated/path made from schema/.
file(GLOB TB_SCHEMA CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/schema/*)
add_custom_target(tb_generated)
function(tb_generate what path)
  string(MAKE_C_IDENTIFIER "tb_generated_${path}" target)
  add_custom_command(OUTPUT ${TB_GENERATED}/${path}
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/schema/generate.py ${what} ${TB_GENERATED}/${path}
    DEPENDS ${TB_SCHEMA} VERBATIM)
  add_custom_target(${target} DEPENDS ${TB_GENERATED}/${path})
  add_dependencies(tb_generated ${target})
endfunction()
