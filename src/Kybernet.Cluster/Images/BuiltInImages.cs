using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Kybernet.Cluster.Images;

/// <summary>
/// The images that a cluster brings along (<c>images/</c> of the source tree, carried inside the program),
/// built from the static binaries of this machine.
/// </summary>
internal sealed class BuiltInImages(OciImageBuilder builder)
{
    /// <summary>What every pod's sandbox runs.</summary>
    public const string Pause = "kybernet.local/pause:3.10";

    private const string ResourcePrefix = "images/";

    private static readonly IReadOnlyList<Recipe> Recipes =
    [
        new("pause", Pause, new Dictionary<string, string>()),
        new("web", "kybernet.local/web:1.0", new Dictionary<string, string> { ["WEB_VERSION"] = "1.0" }),
        new("web", "kybernet.local/web:2.0", new Dictionary<string, string> { ["WEB_VERSION"] = "2.0" }),
    ];

    /// <summary>The full names of the images.</summary>
    public static IEnumerable<string> Names => Recipes.Select(static recipe => recipe.Name);

    /// <summary>Builds every image into a folder; the pause image first.</summary>
    public async Task<IReadOnlyList<BuiltImage>> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var sources = Path.Combine(folder, "source");
        await ExtractAsync(sources, cancellationToken);

        var built = new List<BuiltImage>(Recipes.Count);
        foreach (var recipe in Recipes)
        {
            var name = ImageReference.Parse(recipe.Name);
            var archive = Path.Combine(folder, $"{recipe.Folder}-{name.Tag}.tar");
            built.Add(await builder.BuildAsync(Path.Combine(sources, recipe.Folder), name, recipe.Environment, archive, cancellationToken));
        }
        return built;
    }

    /// <summary>A digest of the recipes: another one means that images which were made before are out of date.</summary>
    public static async Task<string> DigestRecipesAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var recipe in Recipes)
        {
            Append(hash, $"{recipe.Folder} {recipe.Name} {string.Join(' ', recipe.Environment.Select(static entry => $"{entry.Key}={entry.Value}"))}");
        }
        foreach (var resource in ResourceNames())
        {
            var bytes = await ReadAsync(resource, cancellationToken);
            Append(hash, $"{resource} {bytes.Length}");
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));

    private static async Task ExtractAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var resource in ResourceNames())
        {
            var path = Path.Combine(folder, resource[ResourcePrefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var bytes = await ReadAsync(resource, cancellationToken);
            await File.WriteAllBytesAsync(path, bytes, cancellationToken);
            // A resource has no mode: what begins as a script is one.
            var isScript = bytes.AsSpan().StartsWith("#!"u8);
            File.SetUnixFileMode(path, isScript ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
        }
    }

    private static IEnumerable<string> ResourceNames() => Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(static name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static async Task<byte[]> ReadAsync(string resource, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using var content = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        await content.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    private sealed record Recipe(string Folder, string Name, IReadOnlyDictionary<string, string> Environment);
}
