using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Makes archives of images with one layer, as <c>ctr images import</c> takes them.</summary>
internal static class TestImage
{
    private static readonly string[] Applets = ["sh", "sleep", "echo", "cat", "ls", "id", "env", "wget", "httpd", "true", "false", "touch", "mkdir", "stat", "hostname", "grep", "nc", "test", "rm", "printf", "readlink", "kill", "mount", "chmod", "date"];

    /// <summary>The pause image: one program that waits.</summary>
    public static void WritePause(string archive, string name) => Write(archive, name, ["/pause", "-P"], tar => Add(tar, "pause", "/usr/bin/catatonit"));

    /// <summary>A shell and its usual tools.</summary>
    public static void WriteBusybox(string archive, string name, string marker = "") => Write(archive, name, ["sh"], tar =>
    {
        foreach (var folder in (string[])["bin/", "tmp/", "etc/", "proc/", "sys/", "dev/", "www/"])
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, folder) { Mode = (UnixFileMode)(folder == "tmp/" ? 0b1_111_111_111 : 0b111_101_101) });
        }
        Add(tar, "bin/busybox", "/bin/busybox");
        foreach (var applet in Applets)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }
        AddText(tar, "etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
        AddText(tar, "www/index.html", "hello\n");
        AddText(tar, "etc/marker", marker);
    });

    private static void Write(string archive, string name, string[] command, Action<TarWriter> fill)
    {
        using var layer = new MemoryStream();
        using (var tar = new TarWriter(layer, TarEntryFormat.Pax, leaveOpen: true))
        {
            fill(tar);
        }
        var digest = Convert.ToHexStringLower(SHA256.HashData(layer.GetBuffer().AsSpan(0, (int)layer.Length)));
        var config = new JsonObject
        {
            ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray("PATH=/bin"),
                ["Cmd"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]),
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{digest}") },
        };
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = "config.json",
            ["RepoTags"] = new JsonArray(name),
            ["Layers"] = new JsonArray("layer.tar"),
        });
        using var file = File.Create(archive);
        using var outer = new TarWriter(file, TarEntryFormat.Pax);
        AddText(outer, "config.json", config.ToJsonString());
        layer.Position = 0;
        outer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "layer.tar") { DataStream = layer });
        AddText(outer, "manifest.json", manifest.ToJsonString());
    }

    private static void Add(TarWriter tar, string name, string source)
    {
        using var content = File.OpenRead(source);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = (UnixFileMode)0b111_101_101 });
    }

    private static void AddText(TarWriter tar, string name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = (UnixFileMode)0b110_100_100 });
    }
}
