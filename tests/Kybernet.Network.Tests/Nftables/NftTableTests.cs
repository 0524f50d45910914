using Kybernet.Network.Nftables;

namespace Kybernet.Network.Tests.Nftables;

public sealed class NftTableTests
{
    private readonly NftTable _table = new("inet", "t");

    [Fact]
    public void A_table_is_made_anew_in_one_transaction()
    {
        _table.AddSet("s", "set", "ipv4_addr");
        _table.AddElement("s", "10.0.0.1");
        _table.SetChain("c", new NftChain("type filter hook forward priority 0;", ["ip saddr @s drop"]));
        const string all =
            """
            add table inet t
            delete table inet t
            add table inet t
            add chain inet t c { type filter hook forward priority 0; }
            add set inet t s { type ipv4_addr; }
            add rule inet t c ip saddr @s drop
            add element inet t s { 10.0.0.1 }

            """;
        Assert.Equal(all, _table.TakeAll());
        Assert.Equal("", _table.TakeChanges());
        Assert.Equal(all, _table.TakeAll());
    }

    [Fact]
    public void A_changed_element_costs_that_element()
    {
        _table.AddSet("m", "map", "ipv4_addr : verdict");
        _table.Map("m", "10.0.0.1", "accept");
        _table.Map("m", "10.0.0.2", "accept");
        _table.TakeChanges();
        _table.Map("m", "10.0.0.1", "drop");
        _table.Map("m", "10.0.0.2", null);
        Assert.Equal("delete element inet t m { 10.0.0.1, 10.0.0.2 }\nadd element inet t m { 10.0.0.1 : drop }\n", _table.TakeChanges());
    }

    [Fact]
    public void Changes_that_cancel_each_other_cost_nothing()
    {
        _table.AddSet("s", "set", "ipv4_addr");
        _table.AddElement("s", "10.0.0.1");
        _table.SetChain("c", new NftChain("", ["accept"]));
        _table.TakeChanges();

        _table.RemoveElement("s", "10.0.0.1");
        _table.AddElement("s", "10.0.0.1");
        _table.RemoveChain("c");
        _table.SetChain("c", new NftChain("", ["accept"]));
        _table.AddSet("short", "set", "ipv4_addr");
        _table.RemoveSet("short");
        Assert.Equal("", _table.TakeChanges());
    }

    [Fact]
    public void An_element_stays_while_there_is_a_reason_for_it()
    {
        _table.AddSet("s", "set", "ipv4_addr");
        _table.AddElement("s", "10.0.0.1");
        _table.AddElement("s", "10.0.0.1");
        _table.TakeChanges();
        _table.RemoveElement("s", "10.0.0.1");
        Assert.Equal("", _table.TakeChanges());
        _table.RemoveElement("s", "10.0.0.1");
        Assert.Equal("delete element inet t s { 10.0.0.1 }\n", _table.TakeChanges());
    }

    [Fact]
    public void A_set_that_comes_back_before_it_went_loses_what_it_had()
    {
        _table.AddSet("s", "set", "ipv4_addr");
        _table.AddElement("s", "10.0.0.1");
        _table.AddElement("s", "10.0.0.2");
        _table.TakeChanges();
        _table.RemoveSet("s");
        _table.AddSet("s", "set", "ipv4_addr");
        _table.AddElement("s", "10.0.0.2");
        Assert.Equal("delete element inet t s { 10.0.0.1 }\n", _table.TakeChanges());
    }

    [Fact]
    public void What_others_lead_to_goes_last()
    {
        _table.AddSet("s", "set", "ipv4_addr");
        _table.SetChain("from", new NftChain("", ["ip saddr @s jump to"]));
        _table.SetChain("to", new NftChain("", ["drop"]));
        _table.TakeChanges();
        _table.RemoveChain("to");
        _table.RemoveSet("s");
        _table.SetChain("from", new NftChain("", ["accept"]));
        Assert.Equal(
            "flush chain inet t from\nadd rule inet t from accept\nflush chain inet t to\ndelete chain inet t to\ndelete set inet t s\n", _table.TakeChanges());
    }
}
