using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Tests.Environment;

public sealed class ServiceVariablesTests
{
    private static readonly Service[] Services =
    [
        Make("default", "kubernetes", "10.0.0.1", new ServicePort { Name = "https", Port = 443 }),
        Make("mine", "my-web", "10.0.0.2", new ServicePort { Name = "a-b", Port = 80 }, new ServicePort { Port = 53, Protocol = "UDP" }),
        Make("mine", "headless", "None", new ServicePort { Port = 1 }),
        Make("other", "else", "10.0.0.3", new ServicePort { Port = 1 }),
    ];

    [Fact]
    [Trait("Conformance", "pods-service-environment-variables")]
    public void Services_of_the_namespace_and_the_api_server_are_told()
    {
        var variables = ServiceVariables.Build(Services, "mine", enableServiceLinks: true);

        Assert.Equal("10.0.0.1", variables["KUBERNETES_SERVICE_HOST"]);
        Assert.Equal("10.0.0.2", variables["MY_WEB_SERVICE_HOST"]);
        Assert.Equal("80", variables["MY_WEB_SERVICE_PORT"]);
        Assert.Equal("80", variables["MY_WEB_SERVICE_PORT_A_B"]);
        Assert.Equal("tcp://10.0.0.2:80", variables["MY_WEB_PORT"]);
        Assert.Equal("udp://10.0.0.2:53", variables["MY_WEB_PORT_53_UDP"]);
        Assert.Equal("10.0.0.2", variables["MY_WEB_PORT_80_TCP_ADDR"]);
        Assert.DoesNotContain(variables.Keys, static name => name.StartsWith("HEADLESS", StringComparison.Ordinal) || name.StartsWith("ELSE", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_links_only_the_api_server_is_told() => Assert.All(
        ServiceVariables.Build(Services, "mine", enableServiceLinks: false).Keys, static name => Assert.StartsWith("KUBERNETES_", name, StringComparison.Ordinal));

    private static Service Make(string @namespace, string name, string address, params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Namespace = @namespace, Name = name },
        Spec = new ServiceSpec { ClusterIP = address, Ports = ports },
    };
}
