#include "http/router.hpp"

#include <doctest/doctest.h>

namespace bb::http {
namespace {

Route route(std::string method, std::string path, std::string content_type = "",
            bool head = false) {
  std::string name = method + " " + path;
  return {.method = std::move(method),
          .path = std::move(path),
          .content_type = std::move(content_type),
          .handle =
              [name](const Request&, std::string_view parameter) {
                return Response{
                    .status = 200, .headers = {}, .body = name + " " + std::string(parameter)};
              },
          .head = head};
}

const Router router({route("GET", "/jobs/{id}"), route("DELETE", "/jobs/{id}"),
                     route("GET", "/jobs/all"), route("GET", "/"),
                     route("GET", "/healthz", "", true),
                     route("POST", "/events", "application/json"),
                     route("POST", "/events", "application/x-www-form-urlencoded")});

Response ask(std::string method, std::string path, Headers headers = {}) {
  return router.handle({.method = std::move(method),
                        .path = std::move(path),
                        .query = {},
                        .headers = std::move(headers),
                        .body = {},
                        .request_id = {}});
}

TEST_CASE("the first route that matches answers") {
  CHECK(ask("GET", "/").body == "GET / ");
  CHECK(ask("GET", "/jobs/17").body == "GET /jobs/{id} 17");
  CHECK(ask("GET", "/jobs/all").body == "GET /jobs/{id} all");
  CHECK(ask("DELETE", "/jobs/17").body == "DELETE /jobs/{id} 17");
}

TEST_CASE("a path that no route has is 404") {
  for (const char* const path : {"/jobs", "/jobs/", "/jobs/1/2", "/job", "//", "", "/events/"}) {
    CAPTURE(path);
    CHECK(ask("GET", path).status == 404);
  }
}

TEST_CASE("a method that no route of the path has is 405 with Allow") {
  const Response response = ask("PUT", "/jobs/17");
  CHECK(response.status == 405);
  CHECK(response.headers.find("Allow") == "GET, DELETE, OPTIONS");
  CHECK(ask("GET", "/events").headers.find("Allow") == "POST, OPTIONS");
  CHECK(ask("HEAD", "/events").status == 405);
}

TEST_CASE("a body of another type is 415") {
  CHECK(ask("POST", "/events", {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(ask("POST", "/events").status == 415);
  CHECK(ask("POST", "/events", {{"content-type", "Application/JSON ; charset=utf-8"}}).status ==
        200);
  CHECK(ask("POST", "/events", {{"Content-Type", "application/x-www-form-urlencoded"}}).status ==
        200);
}

TEST_CASE("HEAD is answered as GET without the body where a route allows it") {
  const Response response = ask("HEAD", "/healthz");
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(response.headers.find("Content-Length") == "13");
}

TEST_CASE("HEAD never runs a route that does not allow it") {
  int runs = 0;
  const auto count = [&runs](const Request&, std::string_view) {
    ++runs;
    return Response{.status = 302, .headers = {}, .body = {}};
  };
  const Router effects({{.method = "GET", .path = "/callback", .handle = count},
                        {.method = "POST", .path = "/post", .handle = count, .head = true}});
  for (const char* const path : {"/callback", "/post"}) {
    Request request;
    request.method = "HEAD";
    request.path = path;
    const Response response = effects.handle(request);
    CHECK(response.status == 405);
    CHECK(response.headers.find("Allow") ==
          (request.path == "/post" ? "POST, OPTIONS" : "GET, OPTIONS"));
  }
  CHECK(runs == 0);
}

TEST_CASE("OPTIONS tells what is allowed") {
  const Response response = ask("OPTIONS", "/");
  CHECK(response.status == 204);
  CHECK(response.headers.find("Allow") == "GET, OPTIONS");
  CHECK(ask("OPTIONS", "/healthz").headers.find("Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a route that answers later gets its requests and no others") {
  std::string taken;
  const Router later({{.method = "POST",
                       .path = "/later",
                       .content_type = "application/json",
                       .defer =
                           [&](Request&& request, Responder&& respond) {
                             taken = request.body;
                             respond({.status = 202, .headers = {}, .body = ""});
                           }},
                      route("GET", "/now")});
  struct Row {
    const char* method;
    const char* path;
    const char* type;
    bool deferred;
  };
  for (const Row& row :
       {Row{"POST", "/later", "application/json", true}, Row{"POST", "/later", "text/plain", false},
        Row{"GET", "/later", "application/json", false},
        Row{"GET", "/now", "application/json", false}}) {
    CAPTURE(row.path);
    int status = 0;
    Responder respond([&](const Response& response) { status = response.status; });
    Request request{.method = row.method,
                    .path = row.path,
                    .query = {},
                    .headers = {{"Content-Type", row.type}},
                    .body = "the body",
                    .request_id = {}};
    CHECK(later.defer(request, respond) == row.deferred);
    CHECK(status == (row.deferred ? 202 : 0));
    CHECK(taken == (row.deferred ? "the body" : ""));
    taken.clear();
    if (!row.deferred) {
      respond({});
    }
  }
}

}  // namespace
}  // namespace bb::http
