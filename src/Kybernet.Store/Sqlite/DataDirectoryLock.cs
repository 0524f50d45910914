namespace Kybernet.Store.Sqlite;

/// <summary>
/// Keeps a second store out of a data directory. The kernel holds the lock for as long as the file is open, so a process that was killed
/// leaves none behind.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <exception cref="StoreInUseException">Someone else has the directory.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            // FileShare.None is an exclusive, non-blocking flock on Unix.
            return new DataDirectoryLock(new FileStream(
                Path.Combine(directory, "store.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new StoreInUseException(directory, exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
