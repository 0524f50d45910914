using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission;

public sealed class DefaultIngressClassTests
{
    private const string Ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
    private const string Backend = """{"service":{"name":"web","port":{"number":80}}}""";

    [Fact]
    public async Task An_Ingress_without_a_class_gets_the_default_one()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Null(await ClassOfAsync(server, "before", "", ""));

        await server.SendAsync(HttpMethod.Post, "/apis/networking.k8s.io/v1/ingressclasses", """
            {"apiVersion":"networking.k8s.io/v1","kind":"IngressClass",
             "metadata":{"name":"standard","annotations":{"ingressclass.kubernetes.io/is-default-class":"true"}},"spec":{"controller":"example.com/c"}}
            """);

        Assert.Equal("standard", await ClassOfAsync(server, "without", "", ""));
        Assert.Equal("other", await ClassOfAsync(server, "with", "", "\"ingressClassName\":\"other\","));
        Assert.Null(await ClassOfAsync(server, "annotated", ",\"annotations\":{\"kubernetes.io/ingress.class\":\"old\"}", ""));
    }

    private static async Task<string?> ClassOfAsync(TestServer server, string name, string metadata, string spec)
    {
        var (code, created) = await server.SendAsync(HttpMethod.Post, Ingresses, $$"""
            {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"{{name}}"{{metadata}}},"spec":{ {{spec}} "defaultBackend":{{Backend}} } }
            """);
        Assert.True(code == 201, created?.ToJsonString());
        return (string?)created!["spec"]!["ingressClassName"];
    }
}
