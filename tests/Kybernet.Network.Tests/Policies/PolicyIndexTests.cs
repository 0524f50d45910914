using System.Net;
using Kybernet.Network.Nftables;
using Kybernet.Network.Policies;

namespace Kybernet.Network.Tests.Policies;

public sealed class PolicyIndexTests
{
    private readonly NftTable _table = PolicyTable.Create(new NetworkPolicyOptions { NodeName = Objects.Node, Table = "t" });
    private readonly Dictionary<string, Announcement> _announced = [];
    private readonly PolicyIndex _index;

    public PolicyIndexTests()
    {
        _index = new PolicyIndex(Objects.Node, _table, _announced);
        _index.SetNamespace("x", Objects.LabelsOf("x"));
        _index.SetNamespace("y", Objects.LabelsOf("y"));
        _table.TakeAll();
    }

    [Fact]
    public void A_pod_that_no_policy_is_about_is_accepted() => Assert.Equal(
        "add element inet t ingress4 { 10.0.0.1 : accept }\nadd element inet t egress4 { 10.0.0.1 : accept }\n",
        After(index => index.SetPod(Objects.Pod("x/a", "10.0.0.1"))));

    [Theory]
    [InlineData("""{"podSelector":{}}""", true, false)]
    [InlineData("""{"podSelector":{},"egress":[{}]}""", true, true)]
    [InlineData("""{"podSelector":{},"policyTypes":["Egress"]}""", false, true)]
    [InlineData("""{"podSelector":{},"policyTypes":["Ingress"],"egress":[{}]}""", true, false)]
    [InlineData("""{"podSelector":{"matchLabels":{"pod":"b"}},"policyTypes":["Ingress","Egress"]}""", false, false)]
    public void A_policy_isolates_the_pods_it_is_about_in_the_directions_it_is_about(string spec, bool ingress, bool egress)
    {
        _index.SetPod(Objects.Pod("x/a", "10.0.0.1"));
        _index.SetPolicy(Objects.Policy("x/p", spec));
        var script = _table.TakeChanges();
        Assert.Equal(ingress, script.Contains("ingress4 { 10.0.0.1 : goto", StringComparison.Ordinal));
        Assert.Equal(egress, script.Contains("egress4 { 10.0.0.1 : goto", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_pod_that_a_peer_selects_is_one_element()
    {
        _index.SetPolicy(Objects.Policy("x/p", """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{}}]}]}"""));
        _table.TakeChanges();
        var script = After(index => index.SetPod(Objects.Pod("y/a", "10.0.9.1", node: "other")));
        Assert.Matches(@"^add element inet t s-\w+-4 \{ 10\.0\.9\.1 \}\n$", script);
        Assert.Equal("", After(index => index.SetPod(Objects.Pod("y/a", "10.0.9.1", node: "other"))));
        Assert.StartsWith("delete element", After(index => index.SetPod(Objects.Pod("y/a", "10.0.9.1", node: "other", phase: "Succeeded"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_that_select_the_same_share_a_set_and_the_last_takes_it_away()
    {
        const string spec = """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"ns":"y"}}}]}]}""";
        _index.SetPod(Objects.Pod("y/a", "10.0.9.1", node: "other"));
        Assert.Contains("add set", After(index => index.SetPolicy(Objects.Policy("x/p", spec))), StringComparison.Ordinal);
        Assert.DoesNotContain("add set", After(index => index.SetPolicy(Objects.Policy("x/q", spec))), StringComparison.Ordinal);
        Assert.DoesNotContain("delete set", After(index => index.RemovePolicy(Objects.Policy("x/p", spec))), StringComparison.Ordinal);
        Assert.Contains("delete set", After(index => index.RemovePolicy(Objects.Policy("x/q", spec))), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_of_the_host_network_have_no_addresses_that_policies_are_about()
    {
        _index.SetPolicy(Objects.Policy("x/p", """{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}]}]}"""));
        _table.TakeChanges();
        Assert.Equal("", After(index => index.SetPod(Objects.Pod("x/a", "192.0.2.1", hostNetwork: true))));
    }

    [Fact]
    public void What_the_kubelet_tells_of_a_pod_holds_until_its_status_does()
    {
        var pod = Objects.Pod("x/a", "");
        Assert.Equal("", After(index => index.SetPod(pod)));
        _announced[pod.Metadata.Uid!] = new Announcement([IPAddress.Parse("10.0.0.1")], Task.CompletedTask);
        Assert.Contains("ingress4 { 10.0.0.1 : accept }", After(index => index.SetPod(pod)), StringComparison.Ordinal);
        Assert.Equal("", After(index => index.SetPod(pod)));
        Assert.Contains("delete element inet t ingress4 { 10.0.0.1 }", After(index => index.RemovePod(pod)), StringComparison.Ordinal);
        Assert.Empty(_announced);
    }

    [Fact]
    public void An_address_that_is_given_out_again_is_the_new_pods()
    {
        _index.SetPolicy(Objects.Policy("x/p", """{"podSelector":{"matchLabels":{"pod":"new"}}}"""));
        _index.SetPod(Objects.Pod("x/old", "10.0.0.1"));
        _index.SetPod(Objects.Pod("x/new", "10.0.0.1"));
        Assert.Contains("ingress4 { 10.0.0.1 : goto", _table.TakeChanges(), StringComparison.Ordinal);
        Assert.Equal("", After(index => index.RemovePod(Objects.Pod("x/old", "10.0.0.1"))));
    }

    [Fact]
    public void Pods_of_one_kind_share_a_chain_whose_length_does_not_grow()
    {
        _index.SetPolicy(Objects.Policy("x/p", """{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}]}]}"""));
        _index.SetPod(Objects.Pod("x/a", "10.0.0.1"));
        var chains = _table.ChainCount;
        for (var i = 2; i < 100; i++)
        {
            _index.SetPod(Objects.Pod($"x/a{i}", $"10.0.0.{i}"));
        }
        Assert.Equal(chains, _table.ChainCount);
    }

    private string After(Action<PolicyIndex> change)
    {
        change(_index);
        return _table.TakeChanges();
    }
}
