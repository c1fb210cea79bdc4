# What no folder installs by itself. The profiles are inside sim7600, and modemtest finds its Lua
# modules in share/ beside bin/.
install(TARGETS sim7600)
install(FILES ${PROJECT_SOURCE_DIR}/docs/man/sim7600.1 ${PROJECT_SOURCE_DIR}/docs/man/sim7600ctl.1 ${PROJECT_SOURCE_DIR}/docs/man/modemtest.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_SOURCE_DIR}/harness/sim7600ctl.bash RENAME sim7600ctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The plugin is machine code and lives in lib/ with the scripts beside it; modemtest looks for the
# scripts beside its Lua modules. Relative links, so that the installed tree may be moved.
file(RELATIVE_PATH to_lib /${CMAKE_INSTALL_DATADIR}/sim7600-hil /${CMAKE_INSTALL_LIBDIR}/sim7600-hil)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/links)
foreach(folder broker certs)
    file(CREATE_LINK ${to_lib}/${folder} ${CMAKE_BINARY_DIR}/links/${folder} SYMBOLIC)
    install(FILES ${CMAKE_BINARY_DIR}/links/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/sim7600-hil)
endforeach()
