namespace Kybernet.ApiServer.Tests.Audit;

/// <summary>Waits for what comes after the answer.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until there are so many.</summary>
    public static async Task<T[]> HasAsync<T>(Func<T[]> look, int count)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var found = look();
            if (found.Length >= count || TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                Assert.True(found.Length >= count, $"there are {found.Length}, and not {count}");
                return found;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
