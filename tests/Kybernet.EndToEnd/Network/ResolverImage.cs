using System.Text.Json;
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

    private static readonly Dictionary<string, string> NoEnvironment = [];

    /// <summary>Makes the image and gives it to the cluster.</summary>
    public static async Task ImportAsync(KybernetProgram program, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-resolver-");
        try
        {
            var files = new JsonObject { ["/bin/busybox"] = JsonValue.Create("/bin/busybox") };
            foreach (var file in Programs)
            {
                files[file] = JsonValue.Create(file);
                var libraries = (await Shell.RunAsync("/usr/bin/ldd", [file], "", NoEnvironment, cancellationToken)).Succeeded();
                foreach (var library in libraries.Split((char[])[' ', '\t', '\n']).Where(static word => word.StartsWith('/')))
                {
                    files[library] = JsonValue.Create(Path.GetFullPath(library));
                }
            }
            var image = new JsonObject
            {
                ["files"] = files,
                ["links"] = new JsonObject { ["busybox"] = new JsonArray("/bin/sh", "/bin/sleep", "/bin/cat", "/bin/hostname") },
                ["directories"] = new JsonObject { ["/tmp"] = JsonValue.Create("1777"), ["/etc"] = JsonValue.Create("0755") },
                ["entrypoint"] = new JsonArray("/bin/sleep", "1000000"),
                ["environment"] = new JsonObject { ["PATH"] = JsonValue.Create("/bin:/usr/bin") },
            };
            var description = Path.Combine(folder.FullName, "image.json");
            var archive = Path.Combine(folder.FullName, "image.tar");
            Directory.CreateDirectory(Path.Combine(folder.FullName, "rootfs"));
            await File.WriteAllTextAsync(description, image.ToJsonString(new JsonSerializerOptions()), cancellationToken);
            (await program.RunAsync(cancellationToken, "image", "build", folder.FullName, "--tag", Name, "--output", archive)).Succeeded();
            (await program.RunAsync(cancellationToken, "image", "import", archive, "--data-dir", program.DataDir)).Succeeded();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
