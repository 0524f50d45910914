namespace Kybernet.Kubelet.Eviction;

/// <summary>How much a folder holds.</summary>
internal static class FolderSize
{
    /// <summary>The bytes of all files in it and below it; 0 where there is none.</summary>
    public static long Of(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var size = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", options))
            {
                size += file.Length;
            }
        }
        catch (IOException)
        {
            // What is being removed or was removed takes no space; the next look sees what is left.
        }
        return size;
    }
}
