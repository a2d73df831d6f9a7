# One static library per folder of src/. Each gets an include root that holds a
# link to its own folder and nothing else, so that a folder can include only what
# it names in DEPS: a wrong #include is a compile error at its line.

set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)

# latchkey_library(dialects/alor SOURCES a.cc HEADERS a.h DEPS base http LINK OpenSSL::Crypto)
# makes the target latchkey_dialects_alor. DEPS are folders; LINK are outside libraries.
function(latchkey_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPS;LINK" ${ARGN})
  string(REPLACE "/" "_" name "${folder}")
  set(root "${CMAKE_BINARY_DIR}/include-roots/${name}")
  get_filename_component(parent "${root}/${folder}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/src/${folder}" "${root}/${folder}" SYMBOLIC)

  list(TRANSFORM ARG_HEADERS PREPEND "${root}/${folder}/")
  add_library(latchkey_${name} STATIC ${ARG_SOURCES})
  target_sources(latchkey_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${root}" FILES ${ARG_HEADERS})
  foreach(dep IN LISTS ARG_DEPS)
    string(REPLACE "/" "_" dep "${dep}")
    target_link_libraries(latchkey_${name} PUBLIC latchkey_${dep})
  endforeach()
  target_link_libraries(latchkey_${name} PRIVATE latchkey_warnings ${ARG_LINK})
  latchkey_precompiled(latchkey_${name} latchkey_parsed)
endfunction()

# latchkey_test(crypto SOURCES jws_test.cc DEPS crypto base LINK x) makes one program per
# folder, test_crypto, run by ctest.
function(latchkey_test folder)
  if(NOT LATCHKEY_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LINK" ${ARGN})
  string(REPLACE "/" "_" name "${folder}")
  add_executable(test_${name} ${ARG_SOURCES})
  foreach(dep IN LISTS ARG_DEPS)
    string(REPLACE "/" "_" dep "${dep}")
    target_link_libraries(test_${name} PRIVATE latchkey_${dep})
  endforeach()
  target_link_libraries(test_${name} PRIVATE latchkey_warnings GTest::gtest_main ${ARG_LINK})
  latchkey_precompiled(test_${name} latchkey_parsed_for_tests)
  add_test(NAME ${folder} COMMAND test_${name} --gtest_brief=1)
  add_dependencies(latchkey_tests test_${name})
endfunction()
