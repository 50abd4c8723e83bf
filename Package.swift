// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order of the layers of Docs/Architecture.md: what is below never knows what is above.
//
// `COLLOQUY_ROOM=Dialogue swift build --build-tests` builds one room, what it stands on and its tests, and nothing else
// (CONTRIBUTING.md).

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func product(_ name: String, _ package: String) -> Target.Dependency { .product(name: name, package: package) }
let argumentParser = product("ArgumentParser", "swift-argument-parser")
let logging = product("Logging", "swift-log")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let unixSignals = product("UnixSignals", "swift-service-lifecycle")
let protobuf = product("SwiftProtobuf", "swift-protobuf")
let subprocess = product("Subprocess", "swift-subprocess")
let systemPackage = product("SystemPackage", "swift-system")
let grdb = product("GRDB", "GRDB.swift")
let yams = product("Yams", "Yams")

/// A room of `Shared/`.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], exclude: [String] = [])
    -> Target
{
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strict)
}

/// C of our own: optimised in every configuration, because a debug kernel is fifty times too slow to test a model with.
func cRoom(_ name: String) -> Target {
    .target(
        name: name, path: "Shared/\(name)",
        cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"])])
}

func system(_ name: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", providers: [.apt([apt])])
}

func service(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + [argumentParser], path: "Services/\(name)", swiftSettings: strict)
}

func tests(_ subject: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(subject)Tests", dependencies: ["TestSupport"] + dependencies, path: "Tests/\(subject)Tests",
        swiftSettings: strict)
}

var targets: [Target] = [
    // System libraries and C
    system("CZeroMQ", apt: "libzmq3-dev"),
    system("CSndfile", apt: "libsndfile1-dev"),
    system("COpenBLAS", apt: "libopenblas-pthread-dev"),
    system("CSodium", apt: "libsodium-dev"),
    cRoom("CSys"),
    cRoom("CKernels"),

    // Numbers and files
    room("Printing"),
    room("Tokens"),
    room("Compute", ["CKernels", "COpenBLAS", "CSys"]),
    room("Checkpoint", [yams, "CSodium"]),
    room("Audio", ["CSndfile"]),

    // The domain
    room("Dialogue", ["Tokens"]),
    room("LanguageModel", ["Checkpoint", "Compute", "Tokens"]),
    room("SpeechCodec", ["Audio", "Checkpoint", "Compute", "Tokens"]),
    room("VoiceLibrary", ["CSodium", "Tokens", grdb]),
    room("DemoVoice", resources: [.copy("Model")], exclude: ["MODEL_CARD.md", "Training"]),

    // What the services say and how
    room("Contracts", ["Tokens", protobuf], exclude: ["Proto"]),
    room("Wire", ["CSys", "CZeroMQ", "Contracts", logging]),
    room("Sessions", ["Contracts", "Tokens"]),
    room("ServiceKit", ["Contracts", "Wire", lifecycle, logging, unixSignals, yams]),
    room("Supervision", [subprocess, systemPackage]),
    room(
        "ModelLoading",
        [
            "Checkpoint", "Compute", "Contracts", "DemoVoice", "Dialogue", "LanguageModel", "ServiceKit", "Tokens",
        ]),
    room("Diagnosis", ["Printing"]),
    room(
        "Benchmarking",
        ["Checkpoint", "Compute", "LanguageModel", "ModelLoading", "Printing", "ServiceKit", "SpeechCodec"]),

    // The processes
    service("Gateway", ["Contracts", "ServiceKit", "Sessions", "Wire", lifecycle, logging]),
    service(
        "Codec",
        [
            "Audio", "Checkpoint", "Compute", "Contracts", "Dialogue", "ModelLoading", "ServiceKit", "SpeechCodec",
            "Tokens", "Wire", lifecycle, logging,
        ]),
    service(
        "Generator",
        [
            "Checkpoint", "Compute", "Contracts", "LanguageModel", "ModelLoading", "ServiceKit", "Tokens", "Wire",
            lifecycle, logging,
        ]),
    service(
        "Voices",
        ["Audio", "Contracts", "DemoVoice", "ServiceKit", "Tokens", "VoiceLibrary", "Wire", lifecycle, logging]),
    service(
        "Colloquy",
        [
            "Audio", "Benchmarking", "Checkpoint", "Compute", "Contracts", "DemoVoice", "Diagnosis", "Dialogue",
            "LanguageModel", "ModelLoading", "Printing", "ServiceKit", "SpeechCodec", "Supervision", "Tokens",
            "VoiceLibrary", "Wire", logging,
        ]),

    // Tests
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(name: "TestSupport", dependencies: ["Tokens"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("Printing", ["Printing"]),
    tests("Diagnosis", ["Diagnosis"]),
    tests("ModelLoading", ["ModelLoading", "Checkpoint", "Compute", "DemoVoice", "LanguageModel", "ServiceKit"]),
    tests("Benchmarking", ["Benchmarking", "Checkpoint", "Compute", "LanguageModel"]),
    tests("Compute", ["Compute", "CKernels"]),
    tests("Checkpoint", ["Checkpoint"]),
    tests("Audio", ["Audio"]),
    tests("Dialogue", ["Dialogue", "Tokens"]),
    tests("LanguageModel", ["CAllocations", "LanguageModel", "Checkpoint", "Compute", "Tokens"]),
    tests("SpeechCodec", ["SpeechCodec", "Audio", "Checkpoint", "Compute", "Tokens"]),
    tests("VoiceLibrary", ["VoiceLibrary", "Tokens"]),
    tests("DemoVoice", ["DemoVoice"]),
    tests("Voices", ["Voices", "Contracts", "DemoVoice", "ServiceKit", "Tokens", "VoiceLibrary", "Wire", logging]),
    tests("Contracts", ["Contracts", "Tokens"]),
    tests("Wire", ["Wire", "Contracts", logging]),
    tests("Sessions", ["Sessions", "Contracts", "Tokens"]),
    tests("ServiceKit", ["ServiceKit", "Contracts", logging]),
    tests("Supervision", ["Supervision"]),
    tests("Gateway", ["Gateway", "Contracts", "Tokens", "Wire", logging]),
    tests("Pipeline", ["Audio", "Checkpoint", "Compute", "Dialogue", "LanguageModel", "SpeechCodec", "Tokens"]),
    tests("EndToEnd", ["Audio", "Contracts", "Tokens", "Wire", logging, subprocess, systemPackage]),
    tests("Tidy", []),
]

/// Names that a target stands on, of this package.
func neededNames(by target: Target) -> [String] {
    target.dependencies.compactMap {
        switch $0 {
        case .targetItem(let name, _), .byNameItem(let name, _): name
        default: nil
        }
    }
}

if let wanted = Context.environment["COLLOQUY_ROOM"] {
    var kept = Set(wanted.split(separator: ",").flatMap { [String($0), "\($0)Tests"] })
    while true {
        let more = Set(targets.filter { kept.contains($0.name) }.flatMap(neededNames)).subtracting(kept)
        if more.isEmpty { break }
        kept.formUnion(more)
    }
    targets.removeAll { !kept.contains($0.name) }
}

let executables = [
    ("colloquy", "Colloquy"), ("colloquy-codec", "Codec"), ("colloquy-gateway", "Gateway"),
    ("colloquy-generator", "Generator"), ("colloquy-voices", "Voices"),
]

let package = Package(
    name: "colloquy",
    products: executables.filter { pair in targets.contains { $0.name == pair.1 } }
        .map { .executable(name: $0.0, targets: [$0.1]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
