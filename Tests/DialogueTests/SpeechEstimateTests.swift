import Dialogue
import Testing

@Suite struct SpeechEstimateTests {
    @Test func growsWithTheTextInEitherScript() {
        let english = SpeechEstimate.seconds(of: "[S1]Hello, welcome to the show.")
        let chinese = SpeechEstimate.seconds(of: "[S1]你好，欢迎来到节目。")
        #expect((1...4).contains(english))
        #expect((1...4).contains(chinese))
        #expect(SpeechEstimate.seconds(of: "") == 0)
    }
}
