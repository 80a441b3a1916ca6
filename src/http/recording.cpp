#include "http/recording.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace bb::http {
namespace {

std::string problem_with(const std::string& file) {
  return file + ": " + std::strerror(errno);
}

// Appends lines, each whole or not at all.
class LineFile {
 public:
  LineFile(std::string name, int file) : name_(std::move(name)), file_(file) {}
  ~LineFile() { close(); }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  bool append(const std::string& line) {
    const off_t size = lseek(file_, 0, SEEK_END);
    const std::string text = line + "\n";
    for (std::size_t written = 0; written < text.size();) {
      const ssize_t count = ::write(file_, text.data() + written, text.size() - written);
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        const int problem = errno;
        // Half a line would make all of the file unreadable.
        static_cast<void>(size < 0 ? 0 : ftruncate(file_, size));
        errno = problem;
        return false;
      }
      written += static_cast<std::size_t>(count);
    }
    return true;
  }

  // The first failure ends the recording: one with gaps would mislead.
  void record(const std::string& line) {
    if (file_ >= 0 && !append(line)) {
      log::warning("http_recording_ended", {{"error", problem_with(name_)}});
      close();
    }
  }

 private:
  void close() {
    if (file_ >= 0) {
      ::close(std::exchange(file_, -1));
    }
  }

  std::string name_;
  int file_;
};

class RecordingClient final : public Client {
 public:
  RecordingClient(std::unique_ptr<Client> inner, std::unique_ptr<LineFile> file, Masking masking,
                  const Clock& clock)
      : inner_(std::move(inner)),
        masking_(std::move(masking)),
        clock_(clock),
        file_(std::move(file)) {}

  Result<Response> send(const ClientRequest& request) override {
    Result<Response> answer = inner_->send(request);
    record(begin(request), answer);
    return answer;
  }

  void send_all(const Source& next, std::size_t concurrency, const Done& done) override {
    std::map<std::size_t, RecordedExchange> open;
    std::size_t count = 0;
    const auto noted = [&] {
      std::optional<ClientRequest> request = next();
      if (request) {
        open.emplace(count++, begin(*request));
      }
      return request;
    };
    inner_->send_all(noted, concurrency, [&](std::size_t index, Result<Response> answer) {
      record(std::move(open.extract(index).mapped()), answer);
      done(index, std::move(answer));
    });
  }

  void stop() override { inner_->stop(); }
  [[nodiscard]] bool is_stopped() const override { return inner_->is_stopped(); }

 private:
  [[nodiscard]] RecordedExchange begin(const ClientRequest& request) const {
    return {.method = request.method,
            .url = masking_.url(request.url),
            .request_headers = masking_.headers(request.headers),
            .request_body = masking_.body(request.body, request.headers)};
  }

  void record(RecordedExchange exchange, const Result<Response>& answer) {
    exchange.at = clock_.now();
    if (answer) {
      exchange.answer = Response{.status = answer->status,
                                 .headers = masking_.headers(answer->headers),
                                 .body = masking_.body(answer->body, answer->headers)};
    } else {
      exchange.answer = fail(answer.error().code, masking_.text(answer.error().message));
    }
    const std::string line = format_exchange(exchange);
    file_.with([&](const std::unique_ptr<LineFile>& file) { file->record(line); });
  }

  std::unique_ptr<Client> inner_;
  const Masking masking_;
  const Clock& clock_;
  Guarded<std::unique_ptr<LineFile>> file_;
};

// What has to be the same for an exchange to be the answer.
std::string if_none_match(const Headers& headers) {
  return headers.find("If-None-Match").value_or("");
}

std::string name_of(const RecordedExchange& exchange) {
  return exchange.method + " " + exchange.url;
}

class Replay final : public ReplayingClient {
 public:
  Replay(std::string file, std::vector<RecordedExchange> exchanges, Masking masking)
      : file_(std::move(file)), masking_(std::move(masking)), exchanges_(std::move(exchanges)) {}

  Result<Response> send(const ClientRequest& request) override {
    if (stopped_) {
      return fail(ErrorCode::unavailable, "the service is stopping");
    }
    const RecordedExchange wanted = {.method = request.method,
                                     .url = masking_.url(request.url),
                                     .request_headers = masking_.headers(request.headers),
                                     .request_body = masking_.body(request.body, request.headers)};
    return exchanges_.with([&](std::vector<RecordedExchange>& exchanges) -> Result<Response> {
      const auto found = std::ranges::find_if(exchanges, [&](const RecordedExchange& recorded) {
        return recorded.method == wanted.method && recorded.url == wanted.url &&
               recorded.request_body == wanted.request_body &&
               if_none_match(recorded.request_headers) == if_none_match(wanted.request_headers);
      });
      if (found == exchanges.end()) {
        return fail(ErrorCode::bad_response, unexpected(wanted, exchanges));
      }
      Result<Response> answer = std::move(found->answer);
      exchanges.erase(found);
      return answer;
    });
  }

  void stop() override { stopped_ = true; }
  [[nodiscard]] bool is_stopped() const override { return stopped_; }

  [[nodiscard]] std::vector<std::string> unused() const override {
    return exchanges_.with([](const std::vector<RecordedExchange>& exchanges) {
      std::vector<std::string> names;
      std::ranges::transform(exchanges, std::back_inserter(names), name_of);
      return names;
    });
  }

 private:
  // Bodies are not shown: messages end in logs.
  [[nodiscard]] std::string unexpected(const RecordedExchange& wanted,
                                       const std::vector<RecordedExchange>& left) const {
    std::string text = "the recording " + file_ + " has no (further) answer for " + name_of(wanted);
    const std::string tag = if_none_match(wanted.request_headers);
    if (!tag.empty()) {
      text += " with If-None-Match " + tag;
    }
    const bool other_body = std::ranges::any_of(left, [&](const RecordedExchange& recorded) {
      return name_of(recorded) == name_of(wanted) && recorded.request_body != wanted.request_body;
    });
    if (other_body) {
      text += " with this body";
    }
    return text + (left.empty() ? "; all of it is used" : "; next in it is " + name_of(left[0]));
  }

  const std::string file_;
  const Masking masking_;
  std::atomic<bool> stopped_ = false;
  Guarded<std::vector<RecordedExchange>> exchanges_;
};

Result<std::string> read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || file.bad()) {
    return fail(ErrorCode::invalid_input, "cannot read " + problem_with(name));
  }
  return text;
}

// Without a last line that is incomplete, as a crash or a full disk leaves it.
Result<std::string> read_whole_lines(const std::string& name) {
  Result<std::string> text = read_file(name);
  if (!text || text->empty() || text->ends_with('\n')) {
    return text;
  }
  const std::size_t start = text->rfind('\n') + 1;  // 0 if there is no other line
  const std::string_view last = std::string_view(*text).substr(start);
  const bool is_torn = !json::parse(last) && (start > 0 || recording_header().starts_with(last));
  if (!is_torn) {
    return text;
  }
  log::warning("http_recording_torn", {{"file", name}, {"octets_dropped", last.size()}});
  text->resize(start);
  return text;
}

}  // namespace

Result<std::unique_ptr<Client>> make_recording_client(std::unique_ptr<Client> inner,
                                                      const std::string& file, Masking masking,
                                                      const Clock& clock) {
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto lines = std::make_unique<LineFile>(file, opened);
  struct stat status{};
  if (opened < 0 || fstat(opened, &status) != 0) {
    return fail(ErrorCode::invalid_input, "cannot write the recording " + problem_with(file));
  }
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const Result<std::string> text = read_whole_lines(file);
    Result<std::vector<RecordedExchange>> earlier;
    if (!text || !text->empty()) {
      earlier = text ? parse_recording(*text) : fail(text.error());
    }
    if (!earlier) {
      return fail(earlier.error().within("the recording is not continued: " + file));
    }
    const auto size = static_cast<off_t>(text->size());
    const bool is_ready = size < status.st_size ? ftruncate(opened, size) == 0
                                                : text->ends_with('\n') || lines->append("");
    if (!is_ready) {
      return fail(ErrorCode::invalid_input, "cannot write the recording " + problem_with(file));
    }
  }
  if (!lines->append(recording_header())) {
    return fail(ErrorCode::invalid_input, "cannot write the recording " + problem_with(file));
  }
  return std::make_unique<RecordingClient>(std::move(inner), std::move(lines), std::move(masking),
                                           clock);
}

Result<std::unique_ptr<ReplayingClient>> ReplayingClient::open(const std::string& file,
                                                               Masking masking) {
  const Result<std::string> text = read_whole_lines(file);
  if (!text) {
    return fail(text.error());
  }
  Result<std::vector<RecordedExchange>> exchanges = parse_recording(*text);
  if (!exchanges) {
    return fail(exchanges.error().within(file));
  }
  return std::make_unique<Replay>(file, *std::move(exchanges), std::move(masking));
}

}  // namespace bb::http
