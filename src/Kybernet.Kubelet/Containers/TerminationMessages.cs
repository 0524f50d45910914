using System.Text;
using Kybernet.Kubelet.Logs;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Containers;

/// <summary>The last words of containers.</summary>
internal static class TerminationMessages
{
    private const int MaxBytes = 4096;
    private const int MaxLogBytes = 2048;
    private const int MaxLogLines = 80;

    /// <summary>Makes the empty file that a container is to write into, whoever it runs as.</summary>
    /// <returns>Its path.</returns>
    public static string CreateFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        return path;
    }

    /// <summary>What a container that ended left: its message, else the end of its log where its policy says so and it failed.</summary>
    public static string Read(ContainerRecord container, string messageFile)
    {
        var message = "";
        if (container.Annotations.TryGetValue(RuntimeLabels.TerminationMessagePath, out var path) && path.Length > 0 && File.Exists(messageFile))
        {
            message = ReadBounded(messageFile);
        }
        var fallsBack = container.Annotations.TryGetValue(RuntimeLabels.TerminationMessagePolicy, out var policy) && policy == "FallbackToLogsOnError";
        return message.Length == 0 && fallsBack && container.ExitCode != 0 && File.Exists(container.LogPath)
            ? LogTail.Read(container.LogPath, MaxLogLines, MaxLogBytes)
            : message;
    }

    private static string ReadBounded(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[MaxBytes];
        var read = stream.ReadAtLeast(buffer, MaxBytes, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
