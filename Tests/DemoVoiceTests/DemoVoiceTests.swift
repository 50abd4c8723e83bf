import DemoVoice
import Foundation
import TestSupport
import Testing

@Suite struct DemoVoiceTests {
    @Test func isFoundWhereThePackageIsBuilt() throws {
        let model = try DemoVoice(DemoVoicePlaces(environment: [:]))
        for part in [model.languageModel, model.codec, model.script] {
            #expect(FileManager.default.fileExists(atPath: part.path))
        }
    }

    @Test func listsSpeakersWithAReadablePromptEach() throws {
        let speakers = try DemoVoice(DemoVoicePlaces(environment: [:])).speakers()
        #expect(!speakers.isEmpty)
        #expect(Set(speakers.map(\.name)).count == speakers.count)
        for speaker in speakers {
            #expect(!speaker.transcript.isEmpty)
            #expect(!speaker.language.isEmpty)
            #expect(try !speaker.audio().isEmpty)
        }
    }

    /// Whoever names a folder means it: a model that is found elsewhere must not speak in its place.
    @Test func takesTheNamedFolderAndNoOther() throws {
        let scratch = try ScratchFolder()
        try ModelFolder.write(to: scratch.url)
        let named = DemoVoicePlaces(environment: [DemoVoicePlaces.variable: scratch.url.path])
        #expect(try DemoVoice(named).folder.path == scratch.url.path)
        let absent = scratch.url.appending(path: "absent").path
        #expect(throws: DemoVoiceError.notFound(places: [absent])) {
            try DemoVoice(DemoVoicePlaces(environment: [DemoVoicePlaces.variable: absent]))
        }
    }

    @Test func isFoundBesideAnInstalledExecutable() throws {
        let scratch = try ScratchFolder()
        let model = scratch.url.appending(path: "share/colloquy/colloquy_DemoVoice.resources/Model")
        try ModelFolder.write(to: model)
        let places = DemoVoicePlaces(folders: [scratch.url.appending(path: "bin")], environment: [:])
        #expect(try DemoVoice(places).folder.path == model.path)
    }

    @Test func namesEveryPlaceWhereItLookedInVain() throws {
        let scratch = try ScratchFolder()
        let places = DemoVoicePlaces(folders: [scratch.url.appending(path: "bin")], environment: [:])
        #expect(places.candidates.count == 2)
        let error = #expect(throws: DemoVoiceError.self) { try DemoVoice(places) }
        for place in places.candidates { #expect(error?.description.contains(place.path) == true) }
    }

    @Test(arguments: ["lm", "codec", "prompts/prompts.json", "script.jsonl"])
    func namesWhatAFolderLacks(part: String) throws {
        let scratch = try ScratchFolder()
        try ModelFolder.write(to: scratch.url)
        let missing = scratch.url.appending(path: part)
        try FileManager.default.removeItem(at: missing)
        #expect(throws: DemoVoiceError.incomplete(folder: scratch.url.path, missing: missing.path)) {
            try DemoVoice(folder: scratch.url)
        }
    }

    @Test(arguments: [
        "", "{}", "[1]", #"[{"voice": "a", "file": "a.wav", "language": "en"}]"#,
        #"[{"voice": "a", "file": "../a.wav", "language": "en", "text": "t"}]"#,
        #"[{"voice": "a", "file": "", "language": "en", "text": "t"}]"#,
        #"[{"voice": "a", "file": "/etc/hostname", "language": "en", "text": "t"}]"#,
    ]) func refusesAListThatNamesNoPromptsOfItsOwn(list: String) throws {
        let scratch = try ScratchFolder()
        try ModelFolder.write(to: scratch.url, list: list)
        let model = try DemoVoice(folder: scratch.url)
        let error = #expect(throws: DemoVoiceError.self) { try model.speakers() }
        guard case .unreadable(let file, _) = error else {
            Issue.record("\(String(describing: error)) is not about the list")
            return
        }
        #expect(file.hasSuffix("prompts.json"))
    }

    @Test func saysWhichPromptIsMissing() throws {
        let scratch = try ScratchFolder()
        try ModelFolder.write(to: scratch.url)
        let speaker = try #require(try DemoVoice(folder: scratch.url).speakers().first)
        try FileManager.default.removeItem(at: speaker.file)
        let error = #expect(throws: DemoVoiceError.self) { try speaker.audio() }
        #expect(error?.description.contains(speaker.file.path) == true)
    }
}

/// The smallest folder that has the form of the embedded model.
private enum ModelFolder {
    static let list = #"[{"voice": "ada", "file": "ada.wav", "language": "en", "text": "Good morning."}]"#

    static func write(to folder: URL, list: String = list) throws {
        for name in ["lm", "codec", "prompts"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        try Data(list.utf8).write(to: folder.appending(path: "prompts/prompts.json"))
        try Data([1, 2, 3]).write(to: folder.appending(path: "prompts/ada.wav"))
        try Data("{}".utf8).write(to: folder.appending(path: "script.jsonl"))
    }
}
