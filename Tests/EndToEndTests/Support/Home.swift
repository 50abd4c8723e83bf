import Foundation
import TestSupport

/// A user's places, apart from those of whoever runs the tests: sockets, library and configuration are its own.
struct Home: Sendable {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("COLLOQUY_") }
        environment["XDG_CONFIG_HOME"] = path("config")
        environment["COLLOQUY_RUNTIME_DIR"] = path("run")
        environment["COLLOQUY_DATA_DIR"] = path("data")
        environment["COLLOQUY_CACHE_DIR"] = path("cache")
        environment["SWIFT_BACKTRACE"] = "enable=no"
        return environment
    }

    var endpoint: String { "ipc://\(path("run"))/gateway.sock" }

    func path(_ name: String) -> String { folder.url.appending(path: name).path }

    /// `colloquy` with these arguments.
    func colloquy(_ arguments: String..., input: String = "") async throws -> Command.Outcome {
        try await Command("colloquy", arguments, environment).run(input: input)
    }
}
