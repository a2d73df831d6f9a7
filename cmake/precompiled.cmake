# With LATCHKEY_PRECOMPILE the standard library, and GoogleTest for tests, are parsed once for all
# of ours: a third of what it takes to compile without optimising. A header must still include what it uses
# (all_verify_interface_header_sets), and so must a source: the release build parses everything.
option(LATCHKEY_PRECOMPILE "Parse the standard library's headers once" OFF)

set(latchkey_standard_headers
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <cstring> <deque> <expected>
  <filesystem> <fstream> <functional> <future> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string>
  <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

# Two targets of no use but that others take what they parsed: a library and a program, because the
# compiler takes it only where it was told the same.
if(LATCHKEY_PRECOMPILE)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/parsed.cc" CONTENT "int main() {}\n")
  add_library(latchkey_parsed OBJECT "${CMAKE_BINARY_DIR}/parsed.cc")
  target_link_libraries(latchkey_parsed PRIVATE latchkey_warnings)
  target_precompile_headers(latchkey_parsed PRIVATE ${latchkey_standard_headers})
  if(LATCHKEY_TESTS)
    add_executable(latchkey_parsed_for_tests "${CMAKE_BINARY_DIR}/parsed.cc")
    target_link_libraries(latchkey_parsed_for_tests PRIVATE latchkey_warnings GTest::gtest)
    target_precompile_headers(latchkey_parsed_for_tests PRIVATE ${latchkey_standard_headers} <gtest/gtest.h>)
  endif()
endif()

# latchkey_precompiled(latchkey_base latchkey_parsed)
function(latchkey_precompiled target parsed)
  if(LATCHKEY_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${parsed})
  endif()
endfunction()
