# Debian's mbedTLS 2.28 ships neither a pkg-config file nor a CMake package.
# Gives the imported target MbedTLS::tls (libmbedtls, libmbedx509, libmbedcrypto).
find_path(MBEDTLS_INCLUDE_DIR mbedtls/ssl.h)
find_library(MBEDTLS_TLS_LIBRARY mbedtls)
find_library(MBEDTLS_X509_LIBRARY mbedx509)
find_library(MBEDTLS_CRYPTO_LIBRARY mbedcrypto)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS
    REQUIRED_VARS MBEDTLS_TLS_LIBRARY MBEDTLS_X509_LIBRARY MBEDTLS_CRYPTO_LIBRARY MBEDTLS_INCLUDE_DIR)
if(MbedTLS_FOUND AND NOT TARGET MbedTLS::tls)
    add_library(MbedTLS::tls INTERFACE IMPORTED)
    target_include_directories(MbedTLS::tls SYSTEM INTERFACE ${MBEDTLS_INCLUDE_DIR})
    target_link_libraries(MbedTLS::tls INTERFACE
        ${MBEDTLS_TLS_LIBRARY} ${MBEDTLS_X509_LIBRARY} ${MBEDTLS_CRYPTO_LIBRARY})
endif()
