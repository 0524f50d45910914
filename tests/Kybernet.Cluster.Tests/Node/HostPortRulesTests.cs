using Kybernet.Cluster.Node;

namespace Kybernet.Cluster.Tests.Node;

public sealed class HostPortRulesTests
{
    private const string Table = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :CNI-HOSTPORT-DNAT - [0:0]
        :CNI-HOSTPORT-MASQ - [0:0]
        :CNI-DN-aaaa - [0:0]
        :CNI-DN-bbbb - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
        -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"kybernet-1\" id: \"x\"" -m multiport --dports 80 -j CNI-DN-aaaa
        -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"kybernet-2\" id: \"y\"" -m multiport --dports 81 -j CNI-DN-bbbb
        -A CNI-DN-aaaa -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.0.2:8080
        -A CNI-DN-bbbb -p tcp -m tcp --dport 81 -j DNAT --to-destination 10.245.0.2:8080
        COMMIT
        """;

    [Fact]
    public void Only_the_rules_of_the_own_network_go_while_another_has_some()
    {
        var removal = HostPortRules.Removal(Table, "kybernet-1");

        Assert.Equal(
            """
            *nat
            -D CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"kybernet-1\" id: \"x\"" -m multiport --dports 80 -j CNI-DN-aaaa
            -F CNI-DN-aaaa
            -X CNI-DN-aaaa
            COMMIT

            """,
            removal);
    }

    [Fact]
    public void The_last_network_takes_the_shared_chains_along()
    {
        var alone = string.Join('\n', Table.Split('\n').Where(line => !line.Contains("bbbb", StringComparison.Ordinal)));

        var removal = HostPortRules.Removal(alone, "kybernet-1");

        Assert.Contains("-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n", removal, StringComparison.Ordinal);
        Assert.Contains("-X CNI-HOSTPORT-DNAT\n", removal, StringComparison.Ordinal);
        Assert.Contains("-X CNI-HOSTPORT-MASQ\n", removal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_where_nobody_used_host_ports_is_left_alone() =>
        Assert.Equal("", HostPortRules.Removal("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DOCKER\nCOMMIT\n", "kybernet-1"));
}
