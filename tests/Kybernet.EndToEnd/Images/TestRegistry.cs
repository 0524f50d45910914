using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Images;

/// <summary>Debian's docker-registry on loopback, with TLS and a password, that the node of a cluster trusts the authority of.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    public const string User = "robot";
    public const string Password = "opensesame";

    // The password's bcrypt hash: the only form that the registry reads.
    private const string Hash = "$2y$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-registry-");
    private readonly KybernetProgram _cluster;
    private Process? _process;

    private TestRegistry(KybernetProgram cluster) => _cluster = cluster;

    /// <summary>Its name in images.</summary>
    public string Host { get; } = $"127.0.0.1:{KybernetProgram.FreePort()}";

    private string TrustFolder => Path.Combine(_cluster.DataDir, "registries", Host);

    /// <summary>Starts it, and puts an image into it that the cluster's node has.</summary>
    public static async Task<TestRegistry> StartAsync(KybernetProgram cluster, string image, string name, CancellationToken cancellationToken)
    {
        var registry = new TestRegistry(cluster);
        registry.WriteFiles();
        registry._process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec docker-registry serve {registry.PathOf("config.yml")} >{registry.PathOf("log")} 2>&1"]))!;
        try
        {
            await registry.PushAsync(image, name, cancellationToken);
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells the node to get from here what is named as another registry's, which nobody could reach.</summary>
    /// <returns>The folder that says so.</returns>
    public DirectoryInfo StandInFor(string registry)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_cluster.DataDir, "registries", registry));
        File.WriteAllText(Path.Combine(folder.FullName, "hosts.toml"), $"""
            server = "https://{registry}"
            [host."https://{Host}"]
              capabilities = ["pull", "resolve"]
              ca = "{PathOf("tls.crt")}"
            """);
        return folder;
    }

    /// <summary>Makes the pull secret with which a registry of that name lets in.</summary>
    public static Task LogInAsync(TestNamespace space, string secret, string host, CancellationToken cancellationToken, string password = Password) => space.Kubectl.RunAsync(
        cancellationToken, "create", "secret", "docker-registry", secret, $"--docker-server={host}", $"--docker-username={User}", $"--docker-password={password}");

    public async ValueTask DisposeAsync()
    {
        _process?.Kill();
        await (_process?.WaitForExitAsync(CancellationToken.None) ?? Task.CompletedTask);
        _process?.Dispose();
        Directory.Delete(TrustFolder, recursive: true);
        _folder.Delete(recursive: true);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void WriteFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        File.WriteAllText(PathOf("tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf("htpasswd"), $"{User}:{Hash}\n");
        File.WriteAllText(PathOf("config.yml"), $"""
            version: 0.1
            storage: {"{"}filesystem: {"{"}rootdirectory: "{PathOf("storage")}"{"}"}{"}"}
            http: {"{"}addr: "{Host}", tls: {"{"}certificate: "{PathOf("tls.crt")}", key: "{PathOf("tls.key")}"{"}"}{"}"}
            auth: {"{"}htpasswd: {"{"}realm: test, path: "{PathOf("htpasswd")}"{"}"}{"}"}
            """);
        Directory.CreateDirectory(TrustFolder);
        File.WriteAllText(Path.Combine(TrustFolder, "hosts.toml"), $"""
            server = "https://{Host}"
            [host."https://{Host}"]
              ca = "{PathOf("tls.crt")}"
            """);
    }

    private async Task PushAsync(string image, string name, CancellationToken cancellationToken)
    {
        var reference = $"{Host}/{name}";
        await CtrAsync("tag", "--force", image, reference);
        await Eventually.BecomesAsync(
            () => RunCtrAsync("push", "--user", $"{User}:{Password}", "--hosts-dir", Path.Combine(_cluster.DataDir, "registries"), reference), static result => result.ExitCode == 0, cancellationToken);
        // The node has to get it from here.
        await CtrAsync("rm", reference);

        async Task CtrAsync(params string[] arguments) => (await RunCtrAsync(arguments)).Succeeded();

        Task<Result> RunCtrAsync(params string[] arguments) => Shell.RunAsync(
            "ctr",
            ["--address", Path.Combine(new Cluster.DataDirectory(_cluster.DataDir).Run, "containerd.sock"), "--namespace", "k8s.io", "images", .. arguments],
            "",
            new Dictionary<string, string>(),
            cancellationToken);
    }
}
