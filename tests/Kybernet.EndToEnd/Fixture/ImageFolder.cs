using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>An image in the making, out of this machine's programs and files of a test's own. It has <c>busybox</c>.</summary>
internal sealed class ImageFolder : IDisposable
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-image-");
    private readonly JsonObject _files = new() { ["/bin/busybox"] = JsonValue.Create("/bin/busybox") };

    /// <summary>What <c>image.json</c> says besides the files.</summary>
    public JsonObject Description { get; } = [];

    /// <summary>Adds a program of this machine and the libraries that it needs.</summary>
    public async Task AddProgramAsync(string file, CancellationToken cancellationToken)
    {
        _files[file] = JsonValue.Create(file);
        var libraries = (await Shell.RunAsync("/usr/bin/ldd", [file], "", NoEnvironment, cancellationToken)).Succeeded();
        foreach (var library in libraries.Split((char[])[' ', '\t', '\n']).Where(static word => word.StartsWith('/')))
        {
            _files[library] = JsonValue.Create(Path.GetFullPath(library));
        }
    }

    /// <summary>Adds a file.</summary>
    /// <param name="path">Its path in the image.</param>
    /// <param name="content">What it holds.</param>
    public void AddFile(string path, ReadOnlySpan<byte> content)
    {
        var file = Path.Combine(_folder.FullName, "rootfs", path.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    /// <summary>Makes the image and gives it to the cluster.</summary>
    public async Task ImportAsync(KybernetProgram program, string name, CancellationToken cancellationToken)
    {
        Description["files"] = _files.DeepClone();
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "rootfs"));
        var archive = Path.Combine(_folder.FullName, "image.tar");
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "image.json"), Description.ToJsonString(new JsonSerializerOptions()), cancellationToken);
        (await program.RunAsync(cancellationToken, "image", "build", _folder.FullName, "--tag", name, "--output", archive)).Succeeded();
        (await program.RunAsync(cancellationToken, "image", "import", archive, "--data-dir", program.DataDir)).Succeeded();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
