# embed_files(NAME HEADER FILE...): puts files into a program; ${NAME}_source is the C file that holds them, for the
# HEADER that declares NAME (base/embedded.h).
function(embed_files name header)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
    set(script ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DHEADER=${header} -DNAME=${name} -P ${script} -- ${ARGN}
        DEPENDS ${ARGN} ${script} VERBATIM)
    set(${name}_source ${out} PARENT_SCOPE)
endfunction()
