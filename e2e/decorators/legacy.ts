// Compiled with experimentalDecorators, which the package does not take.
import { eventHandler, Plugin } from 'crosstown/decorators';

try {
  class Users extends Plugin {
    @eventHandler('user.created')
    welcome(): void {}
  }
  void Users;
} catch (error) {
  console.log(String(error));
}
