using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Tests.Images;

public sealed class ImageLedgerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Those_not_used_for_longest_come_first_and_among_equals_those_that_came_first()
    {
        var ledger = new ImageLedger();
        ledger.Write(Images("old", "used", "idle"), new HashSet<string> { "used", "idle" }, Start);
        ledger.Write(Images("old", "used", "idle", "new"), new HashSet<string> { "used" }, Start.AddMinutes(1));

        Assert.Equal(["old", "new", "idle"], ledger.Unused().Select(static use => use.Image.Id));
        Assert.Equal([DateTimeOffset.MinValue, Start.AddMinutes(1), DateTimeOffset.MinValue], ledger.Unused().Select(static use => use.FirstSeen));
        Assert.Equal(Start, ledger.Unused()[2].LastUsed);
    }

    [Fact]
    public void One_that_went_and_comes_again_is_new()
    {
        var ledger = new ImageLedger();
        ledger.Write(Images("one"), new HashSet<string> { "one" }, Start);
        ledger.Write([], new HashSet<string>(), Start.AddMinutes(1));
        ledger.Write(Images("one"), new HashSet<string>(), Start.AddMinutes(2));

        Assert.Equal((Start.AddMinutes(2), DateTimeOffset.MinValue), Assert.Single(ledger.Unused()) is var use ? (use.FirstSeen, use.LastUsed) : default);
    }

    private static ImageRecord[] Images(params string[] ids) => [.. ids.Select(static id => new ImageRecord(id, [], [], 1, null, ""))];
}
