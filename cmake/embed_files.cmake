# cmake -DOUT=file.c -DHEADER=path.h -DNAME=things -P embed_files.cmake -- a.x b.y: writes the files as C arrays, for a
# header that declares things, things_n and things_names.
set(entries "")
set(names "")
set(arrays "")
set(i 3)
while(i LESS CMAKE_ARGC AND NOT CMAKE_ARGV${i} STREQUAL "--")
    math(EXPR i "${i} + 1")
endwhile()
math(EXPR i "${i} + 1")
while(i LESS CMAKE_ARGC)
    set(path ${CMAKE_ARGV${i}})
    get_filename_component(name ${path} NAME_WE)
    string(MAKE_C_IDENTIFIER ${name} id)
    file(READ ${path} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const uint8_t ${id}_text[] = { ${bytes} 0 };\n")
    string(APPEND entries "    { \"${name}\", ${id}_text, sizeof ${id}_text - 1 },\n")
    list(APPEND names ${name})
    math(EXPR i "${i} + 1")
endwhile()
list(JOIN names ", " joined)
file(WRITE ${OUT} "#include \"${HEADER}\"\n\n${arrays}
const struct embedded_file ${NAME}[] = {\n${entries}};
const size_t ${NAME}_n = sizeof ${NAME} / sizeof ${NAME}[0];
const char ${NAME}_names[] = \"${joined}\";\n")
