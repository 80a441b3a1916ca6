// A request that follows redirects (RFC 9110 section 15.4) and remembers those that are for good.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "features/feeds/exchange.hpp"
#include "features/feeds/item.hpp"
#include "http/client.hpp"

namespace bb::feeds {

constexpr int most_redirects = 5;

struct Visit {
  http::ClientRequest request;
  std::string lasting_address = {};  // where to ask next time
  bool is_lasting = true;            // all redirects until now were 301 or 308
  int redirects = 0;
};

// Of `url`, as a reader of feeds asks.
Visit visit_of(std::string url);

// Where the answer sends the visit next; nothing if it is no redirect.
std::optional<Result<Visit>> redirected(const Visit& visit, const http::Response& response);

template <class T>
using Arrive = std::function<Step<T>(const Visit& visit, const Result<http::Response>& response)>;

// `arrive` gets the first answer that is no redirect, and the visit as it was then.
template <class T>
Step<T> follow(const Visit& visit, Arrive<T> arrive) {
  const auto then = [visit, arrive](const Result<http::Response>& response) -> Step<T> {
    if (response) {
      if (const auto next = redirected(visit, *response)) {
        return *next ? follow<T>(**next, arrive) : Step<T>(Result<T>(fail(next->error())));
      }
    }
    return arrive(visit, response);
  };
  return Exchange<T>{.request = visit.request, .then = then};
}

// Nothing if the item's own page says that it is no more; otherwise the item as it was.
Step<std::optional<Item>> ask_page_of(const Item& item);

}  // namespace bb::feeds
