using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Kybernet.Cluster.Images;

/// <summary>An image that was built: its name, and the tar that holds it.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Digest">The digest of its manifest.</param>
/// <param name="Archive">The OCI image layout, as a tar that <c>kybernet image import</c> takes.</param>
internal sealed record BuiltImage(ImageReference Name, string Digest, string Archive);

/// <summary>
/// Makes an OCI image of one layer: a folder with <c>rootfs/</c> (the file system) and <c>image.json</c> (<see cref="ImageSettings"/>)
/// becomes an image layout in a tar, which containerd and every other tool for OCI images reads.
/// </summary>
internal sealed class OciImageBuilder(TimeProvider time)
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>Builds the image.</summary>
    /// <param name="folder">Where <c>rootfs/</c> and <c>image.json</c> are; one of the two may be absent.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="environment">Variables to set beside those of the settings.</param>
    /// <param name="archive">The tar to write.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BuiltImage> BuildAsync(
        string folder, ImageReference name, IReadOnlyDictionary<string, string> environment, string archive, CancellationToken cancellationToken)
    {
        var rootfs = Path.Combine(folder, "rootfs");
        var settingsPath = Path.Combine(folder, "image.json");
        if (!Directory.Exists(rootfs) && !File.Exists(settingsPath))
        {
            throw new ClusterException($"{folder} holds neither rootfs/ nor image.json")
            {
                Hint = "Put the image's file system under rootfs/, and what it runs into image.json: {\"entrypoint\": [\"/bin/app\"]}",
            };
        }

        var settings = File.Exists(settingsPath) ? ImageSettings.Read(settingsPath) : new ImageSettings();
        settings = settings with
        {
            Environment = settings.Environment.Concat(environment).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
        };

        var temporary = archive + ".new";
        var layerPath = archive + ".layer";
        try
        {
            var layer = await LayerWriter.WriteAsync(rootfs, settings, layerPath, cancellationToken);
            var config = WriteConfig(settings, layer);
            var manifest = WriteManifest(config, layer);
            await WriteArchiveAsync(temporary, name, manifest, config, layer, cancellationToken);
            File.Move(temporary, archive, overwrite: true);
            return new BuiltImage(name, DigestOf(manifest), archive);
        }
        finally
        {
            File.Delete(layerPath);
            File.Delete(temporary);
        }
    }

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static byte[] WriteConfig(ImageSettings settings, Layer layer) => WriteJson(json =>
    {
        json.WriteString("architecture", Architecture);
        json.WriteString("os", "linux");
        json.WriteStartObject("config");
        WriteOptional(json, "User", settings.User);
        WriteOptional(json, "WorkingDir", settings.WorkingDirectory);
        WriteList(json, "Entrypoint", settings.Entrypoint);
        WriteList(json, "Cmd", settings.Command);
        WriteList(json, "Env", [.. settings.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        if (settings.Ports.Count > 0)
        {
            json.WriteStartObject("ExposedPorts");
            foreach (var port in settings.Ports)
            {
                json.WriteStartObject(port);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        if (settings.Labels.Count > 0)
        {
            json.WriteStartObject("Labels");
            foreach (var (key, value) in settings.Labels)
            {
                json.WriteString(key, value);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("rootfs");
        json.WriteString("type", "layers");
        WriteList(json, "diff_ids", [layer.DiffId]);
        json.WriteEndObject();
        json.WriteStartArray("history");
        json.WriteStartObject();
        json.WriteString("created_by", "kybernet image build");
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static byte[] WriteManifest(byte[] config, Layer layer) => WriteJson(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", ManifestType);
        json.WriteStartObject("config");
        WriteDescriptor(json, ConfigType, DigestOf(config), config.Length);
        json.WriteEndObject();
        json.WriteStartArray("layers");
        json.WriteStartObject();
        WriteDescriptor(json, LayerType, layer.Digest, layer.Size);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static byte[] WriteIndex(ImageReference name, byte[] manifest) => WriteJson(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteStartArray("manifests");
        json.WriteStartObject();
        WriteDescriptor(json, ManifestType, DigestOf(manifest), manifest.Length);
        json.WriteStartObject("annotations");
        json.WriteString("io.containerd.image.name", name.ToString());
        json.WriteString("org.opencontainers.image.ref.name", name.Tag);
        json.WriteEndObject();
        json.WriteStartObject("platform");
        json.WriteString("architecture", Architecture);
        json.WriteString("os", "linux");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private async Task WriteArchiveAsync(
        string path, ImageReference name, byte[] manifest, byte[] config, Layer layer, CancellationToken cancellationToken)
    {
        await using var file = File.Create(path);
        await using var tar = new TarWriter(file, TarEntryFormat.Pax);
        await WriteBlobAsync(tar, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), cancellationToken);
        await WriteBlobAsync(tar, "index.json", WriteIndex(name, manifest), cancellationToken);
        await WriteBlobAsync(tar, BlobPath(DigestOf(manifest)), manifest, cancellationToken);
        await WriteBlobAsync(tar, BlobPath(DigestOf(config)), config, cancellationToken);
        await using var content = File.OpenRead(layer.Path);
        await tar.WriteEntryAsync(Header(BlobPath(layer.Digest), content), cancellationToken);
    }

    private async Task WriteBlobAsync(TarWriter tar, string path, byte[] content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content);
        await tar.WriteEntryAsync(Header(path, stream), cancellationToken);
    }

    private PaxTarEntry Header(string path, Stream content) =>
        new(TarEntryType.RegularFile, path) { DataStream = content, ModificationTime = time.GetUtcNow() };

    private static string BlobPath(string digest) => "blobs/" + digest.Replace(':', '/');

    private static byte[] WriteJson(Action<Utf8JsonWriter> writeFields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteDescriptor(Utf8JsonWriter json, string mediaType, string digest, long size)
    {
        json.WriteString("mediaType", mediaType);
        json.WriteString("digest", digest);
        json.WriteNumber("size", size);
    }

    private static void WriteOptional(Utf8JsonWriter json, string field, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(field, value);
        }
    }

    private static void WriteList(Utf8JsonWriter json, string field, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        json.WriteStartArray(field);
        foreach (var item in items)
        {
            json.WriteStringValue(item);
        }
        json.WriteEndArray();
    }
}
