namespace Kybernet.Store.Tests.Sqlite;

internal static class TestDirectory
{
    public static string Make() => Directory.CreateTempSubdirectory("kybernet-store-").FullName;
}
