// Measures feeds in this process alone, for bench/run.sh:
//   feeds parse FOLDER    a line for each format: its name, MB/s from octets to items, MB/s of its
//   bare parser over the same octets, files. FOLDER has feeds of all formats
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "features/feeds/formats/document.hpp"

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

}  // namespace
}  // namespace bb::feeds

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 2 && arguments[0] == "parse") {
      return bb::feeds::measure_parse(arguments[1]);
    }
  } catch (const std::exception& error) {
    std::cerr << "feeds: " << error.what() << "\n";
    return 1;
  }
  std::cerr << "usage: feeds parse FOLDER\n";
  return 2;
}
