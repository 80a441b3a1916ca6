// libcurl's multi interface, driven by the calling thread.
#include "http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "base/guarded.hpp"
#include "base/text.hpp"
#include "http/multi.hpp"
#include "http/transfer.hpp"

namespace bb::http {
namespace {

constexpr std::size_t kept_multis = 16;
constexpr std::chrono::milliseconds stop_look_interval(1'000);

// Transfers that run at the same time on one multi handle.
class Batch {
 public:
  Batch(Multi& multi, const ClientSettings& settings, const std::atomic<bool>& stopped,
        const Client::Source& next, const Client::Done& done)
      : multi_(multi), settings_(settings), stopped_(stopped), next_(next), done_(done) {}
  ~Batch() {
    for (const auto& running : running_) {
      multi_.remove(running->transfer.handle());
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void run(std::size_t concurrency) {
    while (true) {
      if (stopped_) {
        return break_off();
      }
      const bool taken = take_requests(concurrency);
      if (running_.empty()) {
        if (!taken) {
          return;
        }
        continue;  // what was taken could not be asked
      }
      multi_.wait(stop_look_interval);
      multi_.take_ended([this](CURL* handle, CURLcode code) { finish(handle, code); });
    }
  }

 private:
  enum class Attempt { first, second };
  struct Running {
    Running(std::size_t which, Attempt how, ClientRequest&& what, Easy handle)
        : index(which),
          attempt(how),
          request(std::move(what)),
          transfer(request, std::move(handle)) {}

    std::size_t index;
    Attempt attempt;
    ClientRequest request;
    Transfer transfer;
  };

  // Fills the room there is; true if a request was taken.
  bool take_requests(std::size_t concurrency) {
    bool taken = false;
    while (!stopped_ && running_.size() < concurrency) {
      std::optional<ClientRequest> request = next_();
      if (!request) {
        break;
      }
      taken = true;
      start(count_++, Attempt::first, *std::move(request));
    }
    return taken;
  }

  void break_off() {
    for (const auto& running : std::exchange(running_, {})) {
      multi_.remove(running->transfer.handle());
      done_(running->index, running->transfer.result(CURLE_ABORTED_BY_CALLBACK));
    }
    while (next_()) {
      done_(count_++, fail(ErrorCode::unavailable, "the service is stopping"));
    }
  }

  void start(std::size_t index, Attempt attempt, ClientRequest&& request) {
    auto running =
        std::make_unique<Running>(index, attempt, std::move(request), multi_.take_handle());
    if (const auto problem = running->transfer.prepare(settings_)) {
      return done_(index, fail(*problem));
    }
    multi_.add(running->transfer.handle());
    running_.push_back(std::move(running));
  }

  void finish(CURL* handle, CURLcode code) {
    const auto found = std::ranges::find(
        running_, handle, [](const auto& running) { return running->transfer.handle(); });
    const std::unique_ptr<Running> ended = std::move(*found);
    running_.erase(found);
    multi_.remove(handle);
    const bool repeats = ended->attempt == Attempt::first && ended->transfer.may_repeat(code);
    if (repeats) {
      return start(ended->index, Attempt::second, std::move(ended->request));
    }
    Result<Response> result = ended->transfer.result(code);
    multi_.give_back(ended->transfer.release_handle());
    done_(ended->index, std::move(result));
  }

  Multi& multi_;
  const ClientSettings& settings_;
  const std::atomic<bool>& stopped_;
  const Client::Source& next_;
  const Client::Done& done_;
  std::size_t count_ = 0;  // of requests taken
  std::vector<std::unique_ptr<Running>> running_;
};

class CurlClient final : public Client {
 public:
  explicit CurlClient(ClientSettings settings) : settings_(std::move(settings)) {}

  Result<Response> send(const ClientRequest& request) override {
    Result<Response> result = fail(ErrorCode::internal, "the request did not end");
    bool taken = false;
    const auto once = [&]() -> std::optional<ClientRequest> {
      return std::exchange(taken, true) ? std::nullopt : std::optional(request);
    };
    send_all(once, 1,
             [&](std::size_t, Result<Response> response) { result = std::move(response); });
    return result;
  }

  void send_all(const Source& next, std::size_t concurrency, const Done& done) override {
    std::unique_ptr<Multi> multi = take();
    // An exception (of `done`) ends the handle's life: its state is not worth trusting then.
    Batch(*multi, settings_, stopped_, next, done).run(std::max<std::size_t>(concurrency, 1));
    give_back(std::move(multi));
  }

  void stop() override { stopped_ = true; }
  [[nodiscard]] bool is_stopped() const override { return stopped_; }

 private:
  // The one used last comes first: its connections are the ones that are still open.
  std::unique_ptr<Multi> take() {
    std::unique_ptr<Multi> multi = idle_.with([](auto& idle) -> std::unique_ptr<Multi> {
      if (idle.empty()) {
        return nullptr;
      }
      std::unique_ptr<Multi> last = std::move(idle.back());
      idle.pop_back();
      return last;
    });
    return multi ? std::move(multi) : std::make_unique<Multi>();
  }

  void give_back(std::unique_ptr<Multi> multi) {
    idle_.with([&](auto& idle) {
      if (idle.size() < kept_multis) {
        idle.push_back(std::move(multi));
      }
    });
  }

  const ClientSettings settings_;
  std::atomic<bool> stopped_ = false;
  Guarded<std::vector<std::unique_ptr<Multi>>> idle_;
};

}  // namespace

void Client::send_all(const Source& next, std::size_t /*concurrency*/, const Done& done) {
  std::size_t index = 0;
  while (const std::optional<ClientRequest> request = next()) {
    done(index++, send(*request));
  }
}

Client::Source all_of(std::span<const ClientRequest> requests) {
  return [requests]() mutable -> std::optional<ClientRequest> {
    if (requests.empty()) {
      return std::nullopt;
    }
    const ClientRequest& first = requests.front();
    requests = requests.subspan(1);
    return first;
  };
}

std::unique_ptr<Client> make_curl_client(ClientSettings settings) {
  // Thread-safe and counted; never undone, since other clients may live.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    throw std::runtime_error(std::string("curl: ") + curl_easy_strerror(started));
  }
  return std::make_unique<CurlClient>(std::move(settings));
}

}  // namespace bb::http
