using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Network.Tests.Ingresses;

/// <summary>Which backend a request reaches, through the real proxy.</summary>
public sealed class RoutingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hosts_and_paths_match_as_upstream_has_them()
    {
        await using var fixture = new IngressFixture();
        foreach (var service in (string[])["root", "foo", "foobar", "exact", "wild", "bare", "other"])
        {
            await fixture.CreateServiceAsync(service);
        }
        var ingress = await fixture.CreateIngressAsync(new IngressSpec
        {
            DefaultBackend = IngressFixture.Backend("other"),
            Rules =
            [
                IngressFixture.Rule("a.test", ("/foo", "Prefix", "foo"), ("/foo/bar/", "Prefix", "foobar"), ("/foo", "Exact", "exact"), ("/x", "ImplementationSpecific", "root")),
                IngressFixture.Rule("*.a.test", ("/", "Prefix", "wild")),
                IngressFixture.Rule(null, ("/bare", "Prefix", "bare")),
            ],
        });
        using var client = IngressFixture.Client(ingress);

        foreach (var (url, expected) in new Dictionary<string, string>
        {
            ["http://a.test/foo"] = "exact-0", // an exact path before a prefix
            ["http://a.test/foo/"] = "foo-0",
            ["http://a.test/foo/x?q=1"] = "foo-0",
            ["http://a.test/foo/bar"] = "foobar-0", // the longest prefix
            ["http://a.test/foo/bar/baz"] = "foobar-0",
            ["http://a.test/foo/barbaz"] = "foo-0", // elements, not letters
            ["http://a.test/FOO"] = "other-0",
            ["http://a.test/x/y"] = "root-0",
            ["http://a.test:80/foo"] = "exact-0",
            ["http://A.TEST/foo"] = "exact-0",
            ["http://b.a.test/anything"] = "wild-0",
            ["http://c.b.a.test/anything"] = "other-0", // one label, not two
            ["http://elsewhere.test/bare"] = "bare-0",
            ["http://elsewhere.test/"] = "other-0",
        })
        {
            Assert.Equal((url, expected), (url, await IngressFixture.AskAsync(client, url)));
        }
    }

    [Fact]
    public async Task A_request_that_nothing_matches_is_404_and_one_without_endpoints_503()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("empty", endpoints: 0);
        await fixture.CreateEndpointAsync("empty", "not-ready", port: 1, ready: false);
        var ingress = await fixture.CreateIngressAsync(new IngressSpec
        {
            Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "empty")), IngressFixture.Rule("b.test", ("/", "Prefix", "nosuch"))],
        });
        using var client = IngressFixture.Client(ingress);

        Assert.Equal("503", await IngressFixture.AskAsync(client, "http://a.test/"));
        Assert.Equal("503", await IngressFixture.AskAsync(client, "http://b.test/"));
        Assert.Equal("404", await IngressFixture.AskAsync(client, "http://c.test/"));
    }

    [Fact]
    public async Task Of_two_Ingresses_with_one_host_and_path_the_older_is_right_and_their_other_paths_are_merged()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("old");
        await fixture.CreateServiceAsync("young");
        var first = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "old"))] });
        await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "young"), ("/more", "Prefix", "young"))] });
        using var client = IngressFixture.Client(first);

        Assert.Equal("old-0", await IngressFixture.AskAsync(client, "http://a.test/"));
        Assert.Equal("young-0", await IngressFixture.AskAsync(client, "http://a.test/more"));

        await fixture.Api.Client.DeleteAsync<Ingress>("default", first.Metadata.Name!, new DeleteOptions(), Token);
        await BecomesAsync(client, "http://a.test/", "young-0");
    }

    [Fact]
    public async Task Endpoints_that_come_and_go_are_followed_and_share_the_requests()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web", endpoints: 3);
        var ingress = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web"))] });
        using var client = IngressFixture.Client(ingress);

        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 30; i++)
        {
            var who = await IngressFixture.AskAsync(client, "http://a.test/");
            counts[who] = counts.GetValueOrDefault(who) + 1;
        }
        Assert.Equal([("web-0", 10), ("web-1", 10), ("web-2", 10)], counts.Select(static pair => (pair.Key, pair.Value)).Order());

        foreach (var slice in (string[])["web-0", "web-1"])
        {
            await fixture.Api.Client.DeleteAsync<Api.Discovery.V1.EndpointSlice>("default", slice, new DeleteOptions(), Token);
        }
        await Eventually.TrueAsync(
            () => Enumerable.Range(0, 5).All(_ => IngressFixture.AskAsync(client, "http://a.test/").GetAwaiter().GetResult() == "web-2"), "others still answer");
    }

    [Fact]
    public async Task An_endpoint_that_cannot_be_connected_to_is_passed_over()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web");
        await fixture.CreateEndpointAsync("web", "dead", port: 1);
        var ingress = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web"))] });
        using var client = IngressFixture.Client(ingress);

        for (var i = 0; i < 6; i++)
        {
            using var response = await client.PostAsync(new Uri("http://a.test/"), new StringContent("a body that must arrive whole"), Token);
            Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
            Assert.EndsWith("a body that must arrive whole", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Ingresses_of_other_classes_are_left_alone_until_their_class_is_ours()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web");
        var ours = await fixture.CreateIngressAsync(new IngressSpec { IngressClassName = "kybernet", Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web"))] });
        using var client = IngressFixture.Client(ours);
        await fixture.Api.Client.CreateAsync(
            new Ingress
            {
                Metadata = new ObjectMeta { Name = "theirs", Namespace = "default" },
                Spec = new IngressSpec { IngressClassName = "nginx", Rules = [IngressFixture.Rule("b.test", ("/", "Prefix", "web"))] },
            },
            Token);
        await fixture.Api.Client.CreateAsync(
            new Ingress
            {
                Metadata = new ObjectMeta
                {
                    Name = "annotated",
                    Namespace = "default",
                    Annotations = new Dictionary<string, string> { ["kubernetes.io/ingress.class"] = "kybernet" },
                },
                Spec = new IngressSpec { Rules = [IngressFixture.Rule("c.test", ("/", "Prefix", "web"))] },
            },
            Token);
        await BecomesAsync(client, "http://c.test/", "web-0");

        Assert.Equal("404", await IngressFixture.AskAsync(client, "http://b.test/"));
        var theirs = await fixture.Api.Client.GetAsync<Ingress>("default", "theirs", Token);
        Assert.Empty(theirs.Status.LoadBalancer?.Ingress ?? []);

        await fixture.Api.Client.CreateAsync(
            new IngressClass { Metadata = new ObjectMeta { Name = "nginx" }, Spec = new IngressClassSpec { Controller = "kybernet.io/ingress-controller" } }, Token);
        await BecomesAsync(client, "http://b.test/", "web-0");
    }

    private static Task BecomesAsync(HttpClient client, string url, string expected) =>
        Eventually.TrueAsync(() => IngressFixture.AskAsync(client, url).GetAwaiter().GetResult() == expected, $"{url} does not reach {expected}");
}
