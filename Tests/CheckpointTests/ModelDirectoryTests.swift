import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct ModelDirectoryTests {
    static let demo = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model")

    @Test func findsNothingWrongWithTheEmbeddedModel() throws {
        let directory = try ModelDirectory(Self.demo)
        #expect(directory.check().filter { $0.severity > .note } == [])
        #expect(directory.flavor == .v05)
    }
}
