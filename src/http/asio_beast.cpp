// The one place where the function bodies of Asio and Beast are compiled: their headers elsewhere
// only declare (BOOST_ASIO_SEPARATE_COMPILATION, BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
