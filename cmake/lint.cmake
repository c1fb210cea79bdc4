# The linters as tests with the label lint. One that is not installed is skipped.
function(lint_test name)
    add_test(NAME lint/${name} COMMAND ${ARGN})
    set_tests_properties(lint/${name} PROPERTIES LABELS lint TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

set(tools ${PROJECT_SOURCE_DIR}/cmake)
lint_test(layering ${tools}/check-layering)
lint_test(layering-self-test ${tools}/check-layering --self-test)
lint_test(style ${tools}/check-style)
lint_test(format ${tools}/lint format)
lint_test(lua ${tools}/lint lua)
lint_test(shell ${tools}/lint shell)
lint_test(man ${tools}/lint man)
lint_test(tidy ${tools}/lint tidy ${CMAKE_BINARY_DIR})
# The one that takes minutes has a label of its own.
set_tests_properties(lint/tidy PROPERTIES LABELS tidy RUN_SERIAL ON)
lint_test(docs-fresh ${tools}/make-docs --check $<TARGET_FILE:sim7600> ${PROJECT_SOURCE_DIR}/docs)
lint_test(fidelity-self-test lua5.4 ${tools}/fidelity/self_test.lua)
