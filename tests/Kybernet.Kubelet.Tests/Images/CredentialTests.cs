using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Images;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Kubelet.Tests.Images;

public sealed class CredentialTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-credentials-");

    [Theory]
    [InlineData("registry.example", "registry.example/team/web:1", true)]
    [InlineData("https://registry.example/v1/", "registry.example/team/web:1", true)]
    [InlineData("registry.example/team", "registry.example/team/web:1", true)]
    [InlineData("registry.example/other", "registry.example/team/web:1", false)]
    [InlineData("registry.example:5000", "registry.example/web:1", false)]
    [InlineData("*.registry.example", "eu.registry.example/web:1", true)]
    [InlineData("*.registry.example", "a.eu.registry.example/web:1", false)]
    [InlineData("https://index.docker.io/v1/", "busybox:latest", true)]
    [InlineData("127.0.0.1:5000", "127.0.0.1:5000/web@sha256:0000", true)]
    public void Credentials_are_for_the_images_that_their_pattern_names(string pattern, string image, bool matches) =>
        Assert.Equal(matches, new ImagePattern(pattern).Matches(image));

    [Fact]
    public void The_credentials_of_the_narrowest_pattern_are_tried_first()
    {
        var secret = SecretOf(".dockerconfigjson", """{ "auths": { "r.example": { "username": "all", "password": "a" }, "r.example/team": { "auth": "dGVhbTpi" }, "other": {} } }""");

        var found = DockerConfiguration.Find(secret, "r.example/team/web:1").ToArray();

        Assert.Equal([("team", "b"), ("all", "a")], found.Select(static one => (one.Username, one.Password)));
    }

    [Fact]
    public void The_older_form_is_read_and_what_is_no_configuration_has_no_credentials()
    {
        Assert.Equal("u", Assert.Single(DockerConfiguration.Find(SecretOf(".dockercfg", """{ "r.example": { "username": "u", "password": "p" } }"""), "r.example/web:1")).Username);
        Assert.Empty(DockerConfiguration.Find(SecretOf(".dockerconfigjson", "nothing"), "r.example/web:1"));
    }

    [Fact]
    public async Task A_plugin_is_asked_about_its_images_and_again_only_when_its_answer_is_old()
    {
        var time = new FakeTimeProvider();
        WritePlugin("""
            echo asked >> "$COUNT"
            grep -q '"image":"r.example/team/web:1"' && printf '{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Registry","cacheDuration":"1h","auth":{"r.example":{"username":"%s","password":"p"}}}' "$1"
            """);
        var providers = new CredentialProviders(
            CredentialProvider.Parse($$"""
                apiVersion: kubelet.config.k8s.io/v1
                kind: CredentialProviderConfig
                providers:
                - name: plugin
                  apiVersion: credentialprovider.kubelet.k8s.io/v1
                  matchImages: ["*.example"]
                  defaultCacheDuration: 10m
                  args: [robot]
                  env: [{name: COUNT, value: {{Path.Combine(_folder.FullName, "count")}}}]
                """),
            _folder.FullName,
            time,
            NullLogger.Instance);

        var first = await providers.FindAsync("r.example/team/web:1", TestContext.Current.CancellationToken);
        Assert.Equal(("robot", "p"), Assert.Single(first) is var one ? (one.Username, one.Password) : default);
        Assert.Single(await providers.FindAsync("r.example/other:1", TestContext.Current.CancellationToken));
        Assert.Empty(await providers.FindAsync("elsewhere:5000/web:1", TestContext.Current.CancellationToken));
        Assert.Single(Asked());

        time.Advance(TimeSpan.FromHours(2));
        await providers.FindAsync("r.example/team/web:1", TestContext.Current.CancellationToken);
        Assert.Equal(2, Asked().Length);
    }

    [Fact]
    public async Task A_plugin_that_fails_gives_nothing()
    {
        WritePlugin("echo no such account >&2; exit 3");
        var provider = new CredentialProvider("plugin", [new ImagePattern("r.example")], "credentialprovider.kubelet.k8s.io/v1", TimeSpan.Zero, [], new Dictionary<string, string>());
        var providers = new CredentialProviders([provider], _folder.FullName, TimeProvider.System, NullLogger.Instance);

        Assert.Empty(await providers.FindAsync("r.example/web:1", TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Secret SecretOf(string key, string content) => new() { Data = new Dictionary<string, ReadOnlyMemory<byte>> { [key] = Encoding.UTF8.GetBytes(content) } };

    private string[] Asked() => File.ReadAllLines(Path.Combine(_folder.FullName, "count"));

    private void WritePlugin(string script)
    {
        var path = Path.Combine(_folder.FullName, "plugin");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
