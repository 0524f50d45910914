using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>What the cluster answers to input that is wrong, and that it goes on afterwards.</summary>
public sealed class BadInputTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string ConfigMap(string data) => $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"input"},"data":{{data}}}""";

    [Fact]
    public async Task A_field_that_does_not_exist_is_an_error_by_its_path()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var result = await kubectl.FeedAsync(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","imagePolicy":"x"}]}}""", Token, "create", "-f", "-");

        Assert.Contains("unknown field \"spec.containers[0].imagePolicy\"", result.Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_a_warning_when_asked_so()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var result = await kubectl.FeedAsync(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"w"},"extra":1}""", Token, "create", "--validate=warn", "-f", "-");

        result.Succeeded();
        Assert.Contains("Warning: unknown field \"extra\"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_the_wrong_type_is_an_error()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var result = await kubectl.FeedAsync(ConfigMap("""{"a":1}"""), Token, "create", "--validate=false", "-f", "-");

        Assert.Contains("data", result.Failed(), StringComparison.Ordinal);
        Assert.Contains("BadRequest", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_three_mebibytes_is_refused()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var result = await kubectl.FeedAsync(
            ConfigMap("{\"a\":\"" + new string('x', 4 << 20) + "\"}"), Token, "create", "--validate=false", "-f", "-");

        Assert.Matches("(?i)too large|limit is 3145728", result.Failed());
    }

    [Fact]
    public async Task Nesting_ten_thousand_deep_is_refused_and_the_server_goes_on()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var file = Path.GetTempFileName();
        try
        {
            var deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);
            await File.WriteAllTextAsync(file, ConfigMap(deep), Token);

            (await kubectl.TryAsync(Token, "create", "--raw", $"/api/v1/namespaces/{kubectl.Namespace}/configmaps", "-f", file)).Failed();
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Equal("ok", await kubectl.RunAsync(Token, "get", "--raw", "/readyz"));
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    public async Task A_name_that_is_none_is_refused_with_the_rule(string name)
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var error = (await kubectl.FeedAsync(
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}" } }""", Token, "create", "-f", "-")).Failed();

        Assert.Contains("is invalid: metadata.name: Invalid value", error, StringComparison.Ordinal);
        Assert.Contains("a lowercase RFC 1123 subdomain must consist of", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_that_does_not_exist_is_told()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        Assert.Contains("the server doesn't have a resource type \"unicorns\"", (await kubectl.TryAsync(Token, "get", "unicorns")).Failed(), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await kubectl.TryAsync(Token, "get", "configmap", "unicorn")).Failed(), StringComparison.Ordinal);
        Assert.Contains("the server could not find the requested resource", (await kubectl.TryAsync(Token, "get", "--raw", "/api/v1/unicorns")).Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_update_is_a_conflict()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "create", "configmap", "contended", "--from-literal=a=1");
        var stale = await kubectl.RunAsync(Token, "get", "configmap", "contended", "-o", "json");
        await kubectl.RunAsync(Token, "patch", "configmap", "contended", "-p", """{"data":{"a":"2"}}""");

        var error = (await kubectl.FeedAsync(stale, Token, "replace", "-f", "-")).Failed();

        Assert.Contains("Conflict", error, StringComparison.Ordinal);
        Assert.Contains("the object has been modified; please apply your changes to the latest version and try again", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_is_invalid_is_told_every_reason_by_its_field()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var error = (await kubectl.FeedAsync(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}]}}""",
            Token, "create", "-f", "-")).Failed();

        Assert.Contains("spec.restartPolicy: Unsupported value: \"Sometimes\"", error, StringComparison.Ordinal);
        Assert.Contains("must be less than or equal to cpu limit of 1", error, StringComparison.Ordinal);
    }
}
