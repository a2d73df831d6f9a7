# What `make install` puts where other projects look: headers, find_package(latchkey),
# pkg-config. Both find the tree wherever it was moved to.
include(CMakePackageConfigHelpers)

install(TARGETS liblatchkey EXPORT latchkey-targets LIBRARY)
install(FILES ${CMAKE_SOURCE_DIR}/include/latchkey.h ${CMAKE_SOURCE_DIR}/include/latchkey.hpp
              ${CMAKE_SOURCE_DIR}/include/latchkey_asio.hpp TYPE INCLUDE)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/latchkey)
install(EXPORT latchkey-targets NAMESPACE latchkey:: DESTINATION ${package})
file(WRITE ${CMAKE_BINARY_DIR}/latchkey-config.cmake
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/latchkey-targets.cmake\")\n")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/latchkey-config-version.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/latchkey-config.cmake
              ${CMAKE_BINARY_DIR}/latchkey-config-version.cmake DESTINATION ${package})

file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_SOURCE_DIR}/cmake/latchkey.pc.in ${CMAKE_BINARY_DIR}/latchkey.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/latchkey.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
