using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>Makes images of this machine's programs and the libraries that they need, with a busybox beside them.</summary>
internal static class ProgramImage
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    /// <summary>Makes an image and gives it to the cluster.</summary>
    /// <param name="program">The cluster.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="programs">The paths of the programs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task ImportAsync(KybernetProgram program, string name, IEnumerable<string> programs, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-image-");
        try
        {
            var files = new JsonObject { ["/bin/busybox"] = JsonValue.Create("/bin/busybox") };
            foreach (var file in programs)
            {
                files[file] = JsonValue.Create(Path.GetFullPath(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file));
                var libraries = (await Shell.RunAsync("/usr/bin/ldd", [file], "", NoEnvironment, cancellationToken)).Succeeded();
                foreach (var library in libraries.Split((char[])[' ', '\t', '\n']).Where(static word => word.StartsWith('/')))
                {
                    files[library] = JsonValue.Create(Path.GetFullPath(library));
                }
            }
            var image = new JsonObject
            {
                ["files"] = files,
                ["links"] = new JsonObject { ["busybox"] = new JsonArray("/bin/sh", "/bin/sleep", "/bin/cat", "/bin/echo", "/bin/hostname", "/bin/wget", "/bin/grep") },
                ["directories"] = new JsonObject { ["/tmp"] = JsonValue.Create("1777"), ["/etc"] = JsonValue.Create("0755") },
                ["entrypoint"] = new JsonArray("/bin/sleep", "1000000"),
                ["environment"] = new JsonObject { ["PATH"] = JsonValue.Create("/bin:/usr/bin") },
            };
            var description = Path.Combine(folder.FullName, "image.json");
            var archive = Path.Combine(folder.FullName, "image.tar");
            Directory.CreateDirectory(Path.Combine(folder.FullName, "rootfs"));
            await File.WriteAllTextAsync(description, image.ToJsonString(new JsonSerializerOptions()), cancellationToken);
            (await program.RunAsync(cancellationToken, "image", "build", folder.FullName, "--tag", name, "--output", archive)).Succeeded();
            (await program.RunAsync(cancellationToken, "image", "import", archive, "--data-dir", program.DataDir)).Succeeded();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
