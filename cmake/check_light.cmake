# Fails when PROGRAM loads at its start what calls.inc should keep away.
execute_process(COMMAND ${READELF} --dynamic ${PROGRAM} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "lib(ssl|crypto|sqlite3|stdc[+][+]|gcc_s|fmt|spdlog|tomlplusplus)[.]so[.0-9]*" heavy "${sections}")
if(heavy)
  message(FATAL_ERROR "loaded at every start: ${heavy}; a call of theirs is missing in src/apps/lazy_calls.inc")
endif()
