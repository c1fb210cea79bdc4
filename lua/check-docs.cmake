# Fails when DOCUMENT differs from what PROGRAM --dump-docs prints.
execute_process(COMMAND ${PROGRAM} --dump-docs OUTPUT_VARIABLE wanted RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${PROGRAM} --dump-docs failed")
endif()
file(READ ${DOCUMENT} found)
if(NOT wanted STREQUAL found)
    message(FATAL_ERROR "docs/SCENARIOS.md is stale: build/modemtest --dump-docs > docs/SCENARIOS.md")
endif()
