using Kybernet.Api;
using Kybernet.Network.Services.Rules;

namespace Kybernet.Network.Tests.Services;

public sealed class RuleTableTests
{
    private static readonly NamespacedName One = new("default", "one");
    private static readonly NamespacedName Two = new("default", "two");
    private static readonly RuleKey Shared = RuleKey.Chain("shared");
    private static readonly RuleKey Element = RuleKey.Element("map", "key");

    private readonly RuleTable _table = new();

    [Fact]
    public void A_part_that_two_Services_ask_for_is_made_once_and_stays_until_neither_does()
    {
        _table.Replace(One, Of((Shared, "rule")));
        Assert.Equal([new RuleChange(Shared, null, "rule")], _table.TakeChanges());
        _table.Replace(Two, Of((Shared, "rule")));
        _table.Replace(One, Of());
        Assert.Empty(_table.TakeChanges());
        _table.Replace(Two, Of());
        Assert.Equal([new RuleChange(Shared, "rule", null)], _table.TakeChanges());
    }

    [Fact]
    public void Of_two_Services_that_want_one_key_the_first_has_it_until_it_goes()
    {
        _table.Replace(One, Of((Element, "goto one")));
        _table.Replace(Two, Of((Element, "goto two")));
        Assert.Equal([new RuleChange(Element, null, "goto one")], _table.TakeChanges());
        _table.Replace(One, Of());
        Assert.Equal([new RuleChange(Element, "goto one", "goto two")], _table.TakeChanges());
    }

    [Fact]
    public void What_changed_and_changed_back_is_no_change()
    {
        _table.Replace(One, Of((Element, "goto one")));
        _table.TakeChanges();
        _table.Replace(One, Of());
        _table.Replace(One, Of((Element, "goto one")));
        Assert.Empty(_table.TakeChanges());
    }

    [Fact]
    public void A_transaction_makes_chains_before_it_leads_to_them_and_removes_them_after()
    {
        var script = RuleScript.Of("t",
        [
            new RuleChange(RuleKey.Chain("old"), "drop", null),
            new RuleChange(Element, "goto old", "goto new"),
            new RuleChange(RuleKey.Chain("new"), null, "accept"),
        ]);
        Assert.Equal(
            """
            add chain inet t new
            add rule inet t new accept
            delete element inet t map { key }
            add element inet t map { key : goto new }
            flush chain inet t old
            delete chain inet t old

            """,
            script);
    }

    private static Dictionary<RuleKey, string> Of(params (RuleKey Key, string Definition)[] parts) => parts.ToDictionary(static part => part.Key, static part => part.Definition);
}
