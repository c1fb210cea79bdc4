# DOCUMENT is what PROGRAM prints with ARGUMENTS, words of one text; it runs in the source folder. Fails when it is stale, or with
# WRITE=ON writes it.
separate_arguments(words UNIX_COMMAND "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} ${words} WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/..
                OUTPUT_VARIABLE wanted RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS} failed")
endif()
if(EXISTS ${DOCUMENT})
    file(READ ${DOCUMENT} found)
endif()
if(NOT wanted STREQUAL "${found}")
    if(NOT WRITE)
        message(FATAL_ERROR "${DOCUMENT} is stale; run: cmake --build build --target docs")
    endif()
    file(WRITE ${DOCUMENT} "${wanted}")
endif()
