using System.Text;

namespace Kybernet.Kubelet.Logs;

/// <summary>Finds the end of a log without reading all of it.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 << 10;

    /// <summary>Where the last so many lines of a file begin.</summary>
    public static long Find(FileStream file, long lines)
    {
        var end = file.Length;
        if (lines <= 0)
        {
            return end;
        }
        var buffer = new byte[BlockSize];
        var position = end;
        var missing = lines;
        while (position > 0)
        {
            var start = Math.Max(0, position - BlockSize);
            file.Position = start;
            var block = buffer.AsSpan(0, (int)(position - start));
            file.ReadExactly(block);
            // The line feed at the very end ends the last line, it does not begin one.
            var from = position == end && block[^1] == '\n' ? block.Length - 2 : block.Length - 1;
            for (var i = from; i >= 0; i--)
            {
                if (block[i] == '\n' && --missing == 0)
                {
                    return start + i + 1;
                }
            }
            position = start;
        }
        return 0;
    }

    /// <summary>The last lines' content, as text.</summary>
    /// <param name="path">The log.</param>
    /// <param name="maxLines">At most so many lines.</param>
    /// <param name="maxBytes">At most so many bytes, the last ones.</param>
    public static string Read(string path, int maxLines, int maxBytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Find(file, maxLines);
        var raw = new byte[file.Length - file.Position];
        var rest = raw.AsSpan(0, file.ReadAtLeast(raw, raw.Length, throwOnEndOfStream: false));
        var content = new MemoryStream();
        while (rest.Length > 0)
        {
            var feed = rest.IndexOf((byte)'\n');
            var line = LogLine.Parse(feed < 0 ? rest : rest[..feed]);
            content.Write(line.Content);
            if (!line.IsPartial)
            {
                content.WriteByte((byte)'\n');
            }
            rest = feed < 0 ? [] : rest[(feed + 1)..];
        }
        var bytes = content.ToArray();
        return Encoding.UTF8.GetString(bytes.AsSpan(Math.Max(0, bytes.Length - maxBytes)));
    }
}
