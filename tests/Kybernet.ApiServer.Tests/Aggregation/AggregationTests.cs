using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Streaming;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Tests.Aggregation;

/// <summary>Servers that extend the API, registered by APIServices.</summary>
public sealed class AggregationTests
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Registered = $"{Services}/{ExtensionServer.Name}";

    [Fact]
    [Trait("Conformance", "aggregator-supports-the-sample-apiserver")]
    public async Task What_another_server_serves_is_part_of_the_api()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await RegisterAsync(server, extension);
        await WaitAsync(server, Registered, static item => Available(item) is ("True", "Passed", "all checks passed"));

        var (created, made, createError) = await server.KubectlAsync(
            $$"""{"apiVersion":"{{ExtensionServer.Group}}/v1alpha1","kind":"Flunder","metadata":{"name":"one"} }""", "create", "--validate=false", "-f", "-");
        var (listed, names, _) = await server.KubectlAsync("", "get", "fl", "-o", "name");
        var (deleted, _, _) = await server.KubectlAsync("", "delete", "flunder", "one", "--wait=false");

        Assert.True(created == 0, createError);
        Assert.Contains("flunder.wardle.example.com/one created", made, StringComparison.Ordinal);
        Assert.Equal((0, "flunder.wardle.example.com/one\n", 0), (listed, names, deleted));
    }

    [Fact]
    public async Task Discovery_tells_of_it_in_both_forms_until_it_is_taken_away()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await RegisterAsync(server, extension);

        var groups = await WaitAsync(server, "/apis", static item => Group(item!["groups"]!.AsArray(), static group => (string)group["name"]!) is not null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var aggregated = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        await server.Http.DeleteAsync(Registered, TestContext.Current.CancellationToken);

        Assert.Equal("v1alpha1", (string)Group(groups!["groups"]!.AsArray(), static group => (string)group["name"]!)!["preferredVersion"]!["version"]!);
        var resource = Group(aggregated["items"]!.AsArray(), static group => (string)group["metadata"]!["name"]!)!["versions"]![0]!["resources"]![0]!;
        Assert.Equal(("flunders", "Namespaced", "status"), ((string)resource["resource"]!, (string)resource["scope"]!, (string)resource["subresources"]![0]!["subresource"]!));
        await WaitAsync(server, "/apis", static item => Group(item!["groups"]!.AsArray(), static group => (string)group["name"]!) is null);
    }

    [Fact]
    public async Task It_is_told_who_asks_and_believes_it_for_the_certificate()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await RegisterAsync(server, extension);
        await WaitAsync(server, Registered, static item => Available(item).Status == "True");
        using var request = new HttpRequestMessage(HttpMethod.Get, ExtensionServer.Flunders);
        request.Headers.Add("X-Remote-User", "somebody-else");
        request.Headers.Add("X-Remote-Extra-Lies", "many");
        request.Headers.Add("Impersonate-User", "jane");
        request.Headers.Add("Impersonate-Group", "system:masters");
        request.Headers.Add("Impersonate-Extra-Example.com%2Fcolor", "blue");

        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (_, _, headers, certificate) = extension.Asked.Last(static asked => asked.Path == ExtensionServer.Flunders);
        Assert.Equal(("CN=front-proxy-client", "jane", "blue"), (certificate, headers["X-Remote-User"].ToString(), headers["X-Remote-Extra-example.com%2Fcolor"].ToString()));
        Assert.Contains("system:masters", headers["X-Remote-Group"].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(headers.Keys, static name => name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase) || name.Equals("X-Remote-Extra-Lies", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Connections_can_be_upgraded()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await RegisterAsync(server, extension);
        await WaitAsync(server, Registered, static item => Available(item).Status == "True");
        using var socket = new ClientWebSocket();
        socket.Options.ClientCertificates = server.Tls.ClientCertificates!;
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        var address = new Uri(server.Http.BaseAddress!, $"{ExtensionServer.Flunders}/one/attach");

        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "wss" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Whether_it_answers_is_told_of()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await PostAsync(server, Services, extension.Registration(extension.Authority));

        await WaitAsync(server, Registered, static item => Available(item) is ("False", "ServiceNotFound", "service/sample in \"default\" is not present"));
        using (var refused = await server.Http.GetAsync(ExtensionServer.Flunders, TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "service unavailable\n"), (refused.StatusCode, await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        }
        extension.Refusal = StatusCodes.Status500InternalServerError;
        await PostAsync(server, "/api/v1/namespaces/default/services", """{"metadata":{"name":"sample"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        var failed = await WaitAsync(server, Registered, static item => Available(item).Reason == "FailedDiscoveryCheck");
        extension.Refusal = 0;
        await WaitAsync(server, Registered, static item => Available(item).Status == "True");

        Assert.EndsWith($"bad status from https://sample.default.svc:{extension.Port}{ExtensionServer.Version}: 500", Available(failed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_anothers_certificate_is_not_believed()
    {
        await using var server = await StreamingServer.StartAsync();
        await using var extension = await ExtensionServer.StartAsync();
        await using var other = await ExtensionServer.StartAsync();
        await PostAsync(server, "/api/v1/namespaces/default/services", """{"metadata":{"name":"sample"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        await PostAsync(server, Services, extension.Registration(other.Authority));

        var failed = await WaitAsync(server, Registered, static item => Available(item).Reason == "FailedDiscoveryCheck");

        Assert.Contains("tls: failed to verify certificate", Available(failed).Message, StringComparison.Ordinal);
        Assert.Empty(extension.Asked);
    }

    [Fact]
    public async Task What_is_served_here_has_APIServices_that_are_always_available()
    {
        await using var server = await StreamingServer.StartAsync();
        const string Definition = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.com"},
             "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
                     "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"} } }] } }
            """;

        var local = await WaitAsync(server, $"{Services}/v1.apps", static item => item is not null);
        var metrics = await WaitAsync(server, $"{Services}/v1beta1.metrics.k8s.io", static item => item is not null);
        await PostAsync(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition);
        var custom = await WaitAsync(server, $"{Services}/v1.example.com", static item => item is not null);
        await server.Http.DeleteAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com", TestContext.Current.CancellationToken);
        await WaitAsync(server, $"{Services}/v1.example.com", static item => item is null);

        Assert.All([local, metrics, custom], static item => Assert.Equal(("True", "Local", "Local APIServices are always available"), Available(item)));
        Assert.Equal(("onstart", 17800), ((string)local!["metadata"]!["labels"]!["kube-aggregator.kubernetes.io/automanaged"]!, (int)local["spec"]!["groupPriorityMinimum"]!));
        Assert.Equal(("true", 1000), ((string)custom!["metadata"]!["labels"]!["kube-aggregator.kubernetes.io/automanaged"]!, (int)custom["spec"]!["groupPriorityMinimum"]!));
    }

    [Theory]
    [InlineData("""{"group":"a.example.com","version":"v2","groupPriorityMinimum":1,"versionPriority":1}""", "metadata.name: Invalid value: \"v1.a.example.com\": must be `spec.version+\".\"+spec.group`: \"v2.a.example.com\"")]
    [InlineData("""{"group":"a.example.com","version":"v1","groupPriorityMinimum":0,"versionPriority":1}""", "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000")]
    [InlineData("""{"group":"a.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1001}""", "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000")]
    [InlineData("""{"group":"a.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"insecureSkipTLSVerify":true}""", "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify")]
    [InlineData("""{"group":"a.example.com","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"service":{"name":"s"}}""", "spec.service.namespace: Required value")]
    public async Task What_is_wrong_with_an_APIService_is_told(string spec, string expected)
    {
        await using var server = await StreamingServer.StartAsync();

        using var response = await server.Http.PostAsync(
            Services, new StringContent($$"""{"metadata":{"name":"v1.a.example.com"},"spec":{{spec}}}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(expected, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]!, StringComparison.Ordinal);
    }

    private static async Task RegisterAsync(StreamingServer server, ExtensionServer extension)
    {
        await PostAsync(server, "/api/v1/namespaces/default/services", """{"metadata":{"name":"sample"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        await PostAsync(server, Services, extension.Registration(extension.Authority));
    }

    private static async Task PostAsync(StreamingServer server, string path, string body)
    {
        using var response = await server.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Waits until an object is as it should be; null stands for one that is not there.</summary>
    private static async Task<JsonNode?> WaitAsync(StreamingServer server, string path, Func<JsonNode?, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var response = await server.Http.GetAsync(path, deadline.Token);
            var item = response.StatusCode == HttpStatusCode.NotFound ? null : JsonNode.Parse(await response.Content.ReadAsStringAsync(deadline.Token));
            if (condition(item))
            {
                return item;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }
    }

    private static JsonNode? Group(JsonArray groups, Func<JsonNode, string> nameOf) => groups.FirstOrDefault(group => nameOf(group!) == ExtensionServer.Group);

    private static (string? Status, string? Reason, string? Message) Available(JsonNode? item)
    {
        var condition = item?["status"]?["conditions"]?.AsArray().FirstOrDefault(static condition => (string?)condition!["type"] == "Available");
        return ((string?)condition?["status"], (string?)condition?["reason"], (string?)condition?["message"]);
    }
}
