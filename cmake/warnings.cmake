# hil_target(NAME): the compiler settings every target of ours gets. A target, not global flags,
# so that headers of other libraries keep their own rules.
function(hil_target name)
    set_target_properties(${name} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
    target_compile_definitions(${name} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
    target_compile_options(${name} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
        -Wvla -Wundef -Wformat=2 -Wwrite-strings -Wcast-qual -Werror)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    if(HIL_SANITIZE)
        target_compile_options(${name} PRIVATE -fsanitize=address,undefined
            -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g)
        target_link_options(${name} PRIVATE -fsanitize=address,undefined)
    endif()
    if(HIL_FUZZ)
        target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
endfunction()

# hil_library(NAME SOURCES… [LINK libs…] [PRIVATE_LINK libs…]): one static library per layer.
# What a layer may use is what stands behind LINK; the layering test checks the includes.
function(hil_library name)
    cmake_parse_arguments(L "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(${name} STATIC ${L_SOURCES})
    hil_target(${name})
    target_link_libraries(${name} PUBLIC ${L_LINK} PRIVATE ${L_PRIVATE_LINK})
endfunction()
