// Measures feeds in this process alone, for bench/run.sh:
//   feeds parse FOLDER    a line for each format: its name, MB/s from octets to items, MB/s of its
//   bare parser over the same octets, files. FOLDER has feeds of all formats
//   feeds poll FOLDER FEEDS CONCURRENCY    polls the feeds of a channel over a network with 50 ms
//   latency, once with 10 new items each and once with 304: seconds and microseconds of CPU a feed
//   of both. Makes its database in FOLDER
#include <boost/json.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <pugixml.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "chat/slack/render.hpp"
#include "crypto/crypto.hpp"
#include "features/feeds/formats/document.hpp"
#include "features/feeds/polling.hpp"
#include "features/feeds/sources/rss/rss.hpp"
#include "sim/social.hpp"
#include "storage/migrations.hpp"

namespace bb::feeds {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::chrono::milliseconds shortest_run(300);

// By the first word of the format; files that are refused are left out.
std::map<std::string, std::vector<std::string>> read_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::vector<std::string>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    std::string octets{std::istreambuf_iterator<char>(in), {}};
    if (const auto document = parse_document(octets, "https://feed.example/")) {
      files[document->format.substr(0, document->format.find(' '))].push_back(std::move(octets));
    }
  }
  return files;
}

// Over and over until the time is long enough to be measured.
double megabytes_per_second(const std::vector<std::string>& files,
                            const std::function<void(const std::string&)>& parse) {
  std::size_t octets = 0;
  const Time::time_point begin = Time::now();
  std::chrono::duration<double> taken{};
  while (taken < shortest_run) {
    for (const std::string& file : files) {
      parse(file);
      octets += file.size();
    }
    taken = Time::now() - begin;
  }
  return static_cast<double>(octets) / 1e6 / taken.count();
}

void parse_bare(const std::string& octets) {
  if (octets.starts_with('{')) {
    boost::json::monotonic_resource memory;
    boost::json::error_code ignored;
    (void)boost::json::parse(octets, ignored, &memory);
    return;
  }
  pugi::xml_document document;
  (void)document.load_buffer(octets.data(), octets.size());
}

int measure_parse(const std::string& folder) {
  for (const auto& [format, files] : read_folder(folder)) {
    const double whole = megabytes_per_second(
        files, [](const std::string& octets) { (void)parse_document(octets, ""); });
    const double bare = megabytes_per_second(files, parse_bare);
    std::cout << format << " " << whole << " " << bare << " " << files.size() << "\n";
  }
  return 0;
}

constexpr std::chrono::milliseconds latency(50);
constexpr int items_each = 10;

std::string name_of(std::int64_t feed) {
  return "feed-" + std::to_string(feed);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The simulated feeds; tells the address of the first one.
void serve_feeds(std::int64_t feeds, const bench::Fork::Tell& tell) {
  const SystemClock clock;
  SystemRandom random;
  const auto social = sim::Social::start(clock, random, {.latency = latency});
  if (!social) {
    throw std::runtime_error(social.error().message);
  }
  for (std::int64_t feed = 0; feed < feeds; ++feed) {
    for (int number = 0; number < items_each; ++number) {
      (*social)->add_post(sim::Network::rss, name_of(feed),
                          {.text = std::string(500, 'x'),
                           .title = "Article " + std::to_string(number),
                           .at = clock.now() - std::chrono::minutes(number)});
    }
  }
  tell((*social)->address(sim::Network::rss, name_of(0)));
}

void add_feeds(const Context& context, std::int64_t feeds, const std::string& address) {
  const std::size_t name = address.find(name_of(0));
  context.database.write([&](storage::Connection& connection) {
    for (std::int64_t feed = 0; feed < feeds; ++feed) {
      std::string its = address;
      its.replace(name, name_of(0).size(), name_of(feed));
      const auto added = add_feed(connection,
                                  {.workspace = {"W"},
                                   .channel = {"C"},
                                   .channel_name = "general",
                                   .target = {.source = "rss", .address = its, .name = its},
                                   .newest = items_each},
                                  context.clock, context.random);
      if (!added) {
        throw std::runtime_error(added.error().message);
      }
    }
  });
}

int measure_poll(const std::string& folder, std::int64_t feeds, std::size_t concurrency) {
  const bench::Fork other([feeds](const bench::Fork::Tell& tell) { serve_feeds(feeds, tell); });
  VirtualClock clock(SystemClock().now());
  SystemRandom random;
  const auto database = storage::open("sqlite:" + folder + "/feeds.db");
  if (!database || !storage::migrate(**database, storage::migrations(), clock)) {
    throw std::runtime_error("the database cannot be made");
  }
  const auto client = http::make_curl_client(
      {.user_agent = "busy-beaver bench", .public_only = http::PublicOnly{{"127.0.0.1"}}});
  const crypto::Sealer sealer(Secret("a key for the benchmark"), random);
  jobs::Queue queue(**database, clock, random);
  jobs::Outbox outbox(**database, queue, clock, random, sealer);
  Sources sources;
  sources.push_back(make_rss(clock));
  const Context context{.database = **database,
                        .queue = queue,
                        .outbox = outbox,
                        .sources = sources,
                        .client = *client,
                        .clock = clock,
                        .random = random,
                        .render = &chat::slack::render,
                        .concurrency = concurrency};
  add_feeds(context, feeds, other.told());
  Polling polling(context);
  const auto all = static_cast<std::size_t>(feeds);
  bool good = true;
  for (const PollCounts& expected :
       {PollCounts{.answered = all, .new_items = all * items_each}, PollCounts{.unchanged = all}}) {
    const double cpu = cpu_seconds();
    const Time::time_point begin = Time::now();
    good = polling.poll_channel({"W"}, {"C"}) == expected && good;
    const std::chrono::duration<double> wall = Time::now() - begin;
    std::cout << wall.count() << " " << (cpu_seconds() - cpu) * 1e6 / static_cast<double>(feeds)
              << " ";
    clock.advance(std::chrono::hours(24));
  }
  std::cout << "\n";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bb::feeds

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 2 && arguments[0] == "parse") {
      return bb::feeds::measure_parse(arguments[1]);
    }
    if (arguments.size() == 4 && arguments[0] == "poll") {
      return bb::feeds::measure_poll(arguments[1], std::stol(arguments[2]),
                                     std::stoul(arguments[3]));
    }
  } catch (const std::exception& error) {
    std::cerr << "feeds: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: feeds parse FOLDER | poll FOLDER FEEDS CONCURRENCY\n";
  return 2;
}
