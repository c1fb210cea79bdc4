# unit_test(NAME SOURCES… LIBS…): a cmocka program NAME_test from NAME_test.c beside the code it tests.
function(unit_test name)
    cmake_parse_arguments(T "" "" "SOURCES;LIBS" ${ARGN})
    if(NOT T_SOURCES)
        set(T_SOURCES ${name}_test.c)
    endif()
    add_executable(${name}_test ${T_SOURCES})
    hil_target(${name}_test)
    target_link_libraries(${name}_test PRIVATE ${T_LIBS} PkgConfig::CMOCKA)
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME unit/${name} COMMAND ${name}_test)
    set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# fuzz_target(NAME LIBS…): NAME_fuzz.c with LLVMFuzzerTestOneInput, seeds in NAME_corpus/.
# Under clang with HIL_FUZZ it is a libFuzzer program; in every other build a plain program that
# replays the corpus, so that a crash once found stays tested everywhere.
function(fuzz_target name)
    cmake_parse_arguments(F "" "" "SOURCES;LIBS" ${ARGN})
    if(NOT F_SOURCES)
        set(F_SOURCES ${name}_fuzz.c)
    endif()
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/${name}_corpus)
    if(HIL_FUZZ)
        add_executable(${name}_fuzz ${F_SOURCES})
        target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
        add_test(NAME fuzz/${name}
                 COMMAND ${name}_fuzz -max_total_time=$ENV{HIL_FUZZ_SECONDS} -rss_limit_mb=2048
                         -print_final_stats=0 -verbosity=0 ${CMAKE_CURRENT_BINARY_DIR}/${name}_found ${corpus})
        file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${name}_found)
    else()
        add_executable(${name}_fuzz ${F_SOURCES} ${PROJECT_SOURCE_DIR}/cmake/replay_corpus.c)
        add_test(NAME fuzz/${name} COMMAND ${name}_fuzz ${corpus})
    endif()
    hil_target(${name}_fuzz)
    target_link_libraries(${name}_fuzz PRIVATE ${F_LIBS})
    set_target_properties(${name}_fuzz PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 900)
endfunction()
