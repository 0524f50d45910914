namespace Kybernet.Store.Tests.Histories;

/// <summary>The checker takes right histories, and rejects wrong ones.</summary>
public sealed class HistoryCheckerTests
{
    /// <summary>Two writes, a refused one, one that was cut off and happened, a deletion, and reads of all of it.</summary>
    private const string Right = """
        o all / 1 .
        o a /a/ 1 .
        w 1 /a/x 0 1/5 .
        W 1 ok 2 2:2:1:1/5 .
        w 2 /a/x 0 2/5 .
        W 2 no 2 2:2:1:1/5 .
        w 3 /b/y - 3/5 .
        g 4 /a/x .
        G 4 2:2:1:1/5 .
        w 5 /a/x 2 5/5 .
        W 5 ok 4 4:2:2:5/5 .
        r 6 / 0 .
        R 6 4 /a/x=4:2:2:5/5 /b/y=3:3:1:3/5 .
        w 7 /a/x 4 - .
        W 7 ok 5 - .
        B all 4 /a/x@2=2:2:1:1/5>- /b/y@3=3:3:1:3/5>- /a/x@4=4:2:2:5/5>2:2:1:1/5 .
        B all 5 /a/x@5=->4:2:2:5/5 .
        B a 3 /a/x@2=2:2:1:1/5>- .
        B a 5 /a/x@4=4:2:2:5/5>2:2:1:1/5 /a/x@5=->4:2:2:5/5 .
        c 8 4 .
        C 8 done .
        r 9 / 3 .
        R 9 compacted .
        r 10 / 4 .
        R 10 4 /a/x=4:2:2:5/5 /b/y=3:3:1:3/5 .
        w 11 /a/x 0 - .
        W 11 ok 5 - .
        """;

    [Fact]
    public void A_right_history_is_taken() => Assert.Empty(HistoryChecker.Check(History.Parse(Right)));

    [Theory]
    [InlineData("an acknowledged write that is lost", "W 2 no 2 2:2:1:1/5 .", "W 2 ok 2 2:2:1:2/5 .")]
    [InlineData("a write refused for nothing", "w 2 /a/x 0 2/5 .", "w 2 /a/x 2 2/5 .")]
    [InlineData("a write on another state than expected", "w 5 /a/x 2 5/5 .", "w 5 /a/x 3 5/5 .")]
    [InlineData("a write that was reported as not made", "w 3 /b/y - 3/5 .", "w 3 /b/y - 3/5 .\nW 3 failed .")]
    [InlineData("a value that nobody wrote", "3:3:1:3/5", "3:3:1:4/5")]
    [InlineData("a torn value", "3:3:1:3/5", "3:3:1:torn")]
    [InlineData("a stale read", "R 6 4 /a/x=4:2:2:5/5 /b/y=3:3:1:3/5 .", "R 6 3 /a/x=2:2:1:1/5 /b/y=3:3:1:3/5 .")]
    [InlineData("a read of what was not written yet", "R 6 4 /a/x=4:2:2:5/5 /b/y=3:3:1:3/5 .", "R 6 5 /b/y=3:3:1:3/5 .")]
    [InlineData("a range without one of its keys", "R 6 4 /a/x=4:2:2:5/5 /b/y", "R 6 4 /b/y")]
    [InlineData("a stale read of one key", "G 4 2:2:1:1/5 .", "G 4 - .")]
    [InlineData("a read of the future of one key", "G 4 2:2:1:1/5 .", "G 4 4:2:2:5/5 .")]
    [InlineData("a wrong version", "4:2:2:5/5", "4:2:3:5/5")]
    [InlineData("a wrong revision of creation", "4:2:2:5/5", "4:4:2:5/5")]
    [InlineData("a gap in a watch", "B a 5 /a/x@4=4:2:2:5/5>2:2:1:1/5 /a/x", "B a 5 /a/x")]
    [InlineData("an event twice", "B a 5 ", "B a 5 /a/x@2=2:2:1:1/5>- ")]
    [InlineData("events out of order", "B a 5 /a/x@4=4:2:2:5/5>2:2:1:1/5 /a/x@5=->4:2:2:5/5 .", "B a 5 /a/x@5=->4:2:2:5/5 /a/x@4=4:2:2:5/5>2:2:1:1/5 .")]
    [InlineData("a bookmark past an event that was not delivered", "B a 3 /a/x@2=2:2:1:1/5>- .", "B a 4 /a/x@2=2:2:1:1/5>- .")]
    [InlineData("a watch that goes back", "B all 5 /a/x@5=->4:2:2:5/5 .", "B all 5 /a/x@5=->4:2:2:5/5 .\nB all 4 .")]
    [InlineData("a wrong previous value", "/a/x@5=->4:2:2:5/5", "/a/x@5=->2:2:1:1/5")]
    [InlineData("a revision that nobody saw", "@5=->4:2:2:5/5", "@6=->4:2:2:5/5")]
    [InlineData("a read of what was compacted", "R 9 compacted .", "R 9 3 /a/x=2:2:1:1/5 /b/y=3:3:1:3/5 .")]
    [InlineData("a read refused though nobody compacted it", "r 9 / 3 .", "r 9 / 5 .")]
    [InlineData("a deletion of nothing at a wrong time", "w 11 /a/x 0 - .\nW 11 ok 5 - .", "w 11 /a/x 0 - .\nW 11 ok 4 - .")]
    public void A_wrong_history_is_rejected(string what, string right, string wrong)
    {
        var lines = Right.ReplaceLineEndings("\n");
        Assert.Contains(right, lines, StringComparison.Ordinal);
        Assert.True(HistoryChecker.Check(History.Parse(lines.Replace(right, wrong, StringComparison.Ordinal))).Count > 0, what);
    }
}
