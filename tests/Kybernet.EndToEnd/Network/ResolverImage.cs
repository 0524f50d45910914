using System.Text.Json.Nodes;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>
/// An image with real resolvers: <c>dig</c>, and <c>getent</c>, which resolves as every program that is linked with glibc does (search path, hosts file).
/// It is made of this machine's programs and the libraries that they need.
/// </summary>
internal static class ResolverImage
{
    public const string Name = "kybernet.local/resolver:1.0";

    private static readonly string[] Programs = ["/usr/bin/dig", "/usr/bin/getent"];

    /// <summary>Makes the image and gives it to the cluster.</summary>
    public static async Task ImportAsync(KybernetProgram program, CancellationToken cancellationToken)
    {
        using var image = new ImageFolder();
        foreach (var file in Programs)
        {
            await image.AddProgramAsync(file, cancellationToken);
        }
        image.Description["links"] = new JsonObject { ["busybox"] = new JsonArray("/bin/sh", "/bin/sleep", "/bin/cat", "/bin/hostname") };
        image.Description["directories"] = new JsonObject { ["/tmp"] = JsonValue.Create("1777"), ["/etc"] = JsonValue.Create("0755") };
        image.Description["entrypoint"] = new JsonArray("/bin/sleep", "1000000");
        image.Description["environment"] = new JsonObject { ["PATH"] = JsonValue.Create("/bin:/usr/bin") };
        await image.ImportAsync(program, Name, cancellationToken);
    }
}
